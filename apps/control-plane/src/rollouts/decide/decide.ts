import { chooseNext } from './choose.ts';
import { inFlightOf, wavesAfter } from './counts.ts';
import type { Decision, Move, Obstacle } from './decision.ts';
import { haltReason } from './halt.ts';
import { judgeAnswer } from './judge-answer.ts';
import { creditNow, ratePerMinute } from './pace.ts';
import type { RolloutView, WaveView } from './view.ts';
import { isSettled, waveStanding } from './wave-standing.ts';

const nothing: Omit<Decision, 'moves'> = { openings: [], act: null, beginWave: null, credit: null, obstacle: null };

const judgeAll = (view: RolloutView, nowMs: number): Move[] =>
  view.answers.flatMap((answer) => judgeAnswer(answer, { ...view, nowMs }) ?? []);

/** Whether nothing is left to be done or waited for. */
function isDone(waves: readonly WaveView[], { currentWave, writeAhead }: RolloutView): boolean {
  const last = currentWave >= waves.length;
  return last && waves.every((wave) => isSettled(wave) && (writeAhead || wave.counts.waiting === 0));
}

/** Why nothing may be opened now, whoever could be. */
export function obstacleOf({ hearing, slowness, settings }: Pick<RolloutView, 'hearing' | 'slowness' | 'settings'>): Obstacle | null {
  const { deliveryS, confirmS } = settings.brake;
  if (!hearing) return 'edge.away';
  if (slowness.deliveryMs !== null && slowness.deliveryMs > deliveryS * 1000) return 'brake.delivery';
  return confirmS !== undefined && slowness.confirmMs !== null && slowness.confirmMs > confirmS * 1000 ? 'brake.confirm' : null;
}

type Advance = Pick<Decision, 'act' | 'beginWave' | 'obstacle'>;

/** Whether the current wave has come to where something else begins: the next one, the end, or a stop. @param isOver its time is over */
function advance(view: RolloutView, waves: readonly WaveView[], isOver: boolean): Advance {
  const { settings, currentWave } = view;
  const still: Advance = { act: null, beginWave: null, obstacle: null };
  const wave = waves[currentWave - 1];
  const standing = wave ? waveStanding(wave, settings) : 'passed';
  if (isDone(waves, view)) {
    if (view.mayGrow && !isOver) return { ...still, obstacle: 'rollout.may-grow' };
    return { ...still, act: { act: 'finish', reason: standing === 'short' ? 'rollout.below-success' : 'rollout.done' } };
  }
  if (isOver) return { ...still, act: { act: 'finish', reason: 'rollout.ended' } };
  const next = waves[currentWave];
  if (!next) return still;
  if (standing === 'short') return { ...still, act: { act: 'pause', reason: 'wave.below-success' } };
  if (standing === 'unproven') return { ...still, obstacle: 'wave.no-evidence' };
  if (standing === 'under-way') return still;
  return next.manual ? { ...still, obstacle: 'wave.gate' } : { ...still, beginWave: next.number };
}

function open(
  view: RolloutView,
  waves: readonly WaveView[],
  nowMs: number,
): Pick<Decision, 'openings' | 'credit' | 'obstacle'> & { parked: readonly Move[] } {
  const obstacle = obstacleOf(view);
  const credit = creditNow(view.credit, ratePerMinute(view.settings, waves), nowMs);
  if (obstacle) return { openings: [], parked: [], credit, obstacle };
  const limit = Math.min(view.stepLimit, credit === null ? view.stepLimit : Math.floor(credit.amount));
  const rollout = waves.reduce((sum, { counts }) => sum + inFlightOf(counts), 0);
  const { openings, parked } = chooseNext({ ...view, flight: { ...view.flight, rollout } }, limit);
  const spent = openings.filter(({ ahead }) => !ahead).length;
  return { openings, parked, credit: credit && { ...credit, amount: credit.amount - spent }, obstacle: null };
}

/**
 * What one rollout does next. Pure: the same view gives the same decision. First the devices' words are judged, then whether the rollout
 * may go on, then who is opened; a stop or a new wave comes before any opening, which is then the next step's.
 */
export function decide(view: RolloutView, nowMs: number): Decision {
  if (view.state === 'scheduled') {
    const due = view.startAtMs !== null && view.startAtMs <= nowMs;
    return { moves: [], ...nothing, act: due ? { act: 'start', reason: null } : null };
  }
  const moves = judgeAll(view, nowMs);
  const rest = { ...nothing, credit: view.credit };
  if (view.state !== 'running') return { moves, ...rest };
  // Whoever stopped it since the backup is forgotten: a person has to say that it may go on.
  if (view.answers.some(({ restored, remembered }) => restored || remembered))
    return { moves, ...rest, act: { act: 'pause', reason: 'database.restored' } };
  const waves = wavesAfter(view.waves, moves);
  const halt = haltReason(waves, view.settings, view.forgiven);
  if (halt) return { moves, ...rest, act: { act: view.settings.breaker.action, reason: halt } };
  const advanced = advance(view, waves, view.endAtMs !== null && view.endAtMs <= nowMs);
  if (advanced.act || advanced.beginWave !== null) return { moves, ...rest, ...advanced };
  const moved = new Set(moves.map(({ device }) => device));
  const candidates = view.candidates.filter(({ device }) => !moved.has(device));
  const { parked, ...opened } = open({ ...view, candidates }, waves, nowMs);
  return { moves: [...moves, ...parked], ...rest, ...opened, obstacle: opened.obstacle ?? advanced.obstacle };
}
