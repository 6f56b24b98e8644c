import { longestPauseS } from '@towline/protocol';
import type { RolloutSettings } from '@towline/protocol/http';
import { isBad } from '../rollout-states.ts';
import type { Move } from './decision.ts';
import { tryAgainAtMs } from './try-again.ts';
import type { Answer } from './view.ts';

interface Judging {
  readonly settings: RolloutSettings;
  readonly hearing: boolean;
  readonly writeAhead: boolean;
  readonly nowMs: number;
}

const moveOf = (answer: Answer, change: Pick<Move, 'to'> & Partial<Move>): Move => ({
  device: answer.device,
  wave: answer.wave,
  from: answer.state,
  code: null,
  watched: false,
  withhold: false,
  heldAtMs: answer.heldAtMs,
  dueAtMs: null,
  nextTryAtMs: null,
  ...change,
});

function wentWrong(answer: Answer, to: 'failed' | 'reverted' | 'silent', { settings, nowMs }: Judging): Move {
  const nextTryAtMs = tryAgainAtMs(settings.retries, answer, nowMs);
  const code = to === 'silent' ? 'device.silent' : answer.fault;
  // What fell silent may still speak, and what failed may still come to it by itself; what went back gave up.
  return moveOf(answer, { to, code, nextTryAtMs, watched: to !== 'reverted' });
}

/** Smaller shifts of what a device owes are not worth a write. */
export const leastShiftMs = 60_000;

/** Who told that it waits for its next try owes its answer after that: until then it is not silent, though its next try may keep it from speaking. */
function nextTryOwed({ state, pausedAtMs, dueAtMs }: Answer, { settings }: Judging): number | null {
  if (state !== 'changing' || pausedAtMs === null || dueAtMs === null) return null;
  const owedAtMs = pausedAtMs + (longestPauseS + settings.timeouts.answerS) * 1000;
  return owedAtMs - dueAtMs > leastShiftMs ? owedAtMs : null;
}

function overdue(answer: Answer, judging: Judging): Move | null {
  if (!judging.hearing || answer.dueAtMs === null || answer.dueAtMs > judging.nowMs) return null;
  if (answer.state === 'opened') {
    const { writeAhead } = judging;
    return moveOf(answer, { to: 'waiting', code: 'device.unreached', withhold: !writeAhead, watched: writeAhead });
  }
  return answer.state === 'changing' ? wentWrong(answer, 'silent', judging) : null;
}

/** What the newest word of a device, or the lack of one, makes of it; null: nothing. */
export function judgeAnswer(answer: Answer, judging: Judging): Move | null {
  const { state, outcome, heldAtMs } = answer;
  if (answer.superseded) {
    return isBad(state)
      ? moveOf(answer, { to: state, code: 'target.superseded' })
      : moveOf(answer, { to: 'skipped', code: 'target.superseded' });
  }
  // Who went wrong is not opened again by itself.
  if (answer.restored) return moveOf(answer, { to: isBad(state) ? state : 'pending', code: 'database.restored' });
  if (outcome === state) return null;
  if (outcome === 'succeeded') return moveOf(answer, { to: 'succeeded' });
  if (outcome) return wentWrong(answer, outcome, judging);
  if (heldAtMs !== null && (state === 'opened' || state === 'waiting')) {
    const dueAtMs = Math.max(heldAtMs, judging.nowMs) + judging.settings.timeouts.answerS * 1000;
    return moveOf(answer, { to: 'changing', watched: true, dueAtMs });
  }
  const owedAtMs = nextTryOwed(answer, judging);
  if (owedAtMs !== null) return moveOf(answer, { to: 'changing', watched: true, dueAtMs: owedAtMs });
  return overdue(answer, judging);
}
