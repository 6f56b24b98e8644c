import type { Ids } from '../../platform/clock.ts';
import type { Transaction } from '../../platform/database.ts';
import { lockTargets } from '../../targets/targets.repository.ts';
import { wavesAfter } from '../decide/counts.ts';
import { decide, obstacleOf } from '../decide/decide.ts';
import type { Decision } from '../decide/decision.ts';
import { mayGoOn } from '../decide/may-go-on.ts';
import type { RolloutView, WaveView } from '../decide/view.ts';
import { type LiveRollout, lockRollout, type RolloutKey } from '../live-rollout.repository.ts';
import { beginWayBack } from '../revert.repository.ts';
import { roomToGrow } from '../room-to-grow.ts';
import { announceRollout, transit } from '../transition.repository.ts';
import { beginWave } from '../waves.repository.ts';
import { endWayBack } from '../way-back-end.ts';
import type { RolloutWork } from '../work/rollout-work.ts';
import { candidatesOf, type Look, lookAround } from './look-around.ts';
import { type Moment, nobodyInFlight, readFlight, readMoment, readSlowness, readWaves } from './step-view.repository.ts';
import { clearRest, forgetForgiven, prolongDues, writeForgiven, writeMoves, writeOpenings, writeRollout } from './step-write.repository.ts';

export interface StepPorts {
  readonly work: Readonly<Record<LiveRollout['kind'], RolloutWork | null>>;
  readonly ids: Ids;
}

/** Devices that one step opens at most: what a transaction should hold locks for. */
const stepLimit = 250;
const answersAtOnce = 1000;
/** While devices are heard it is noted so often; a gap much longer than this is one in which nobody could be heard. */
const noteHeardMs = 5000;
const gapMs = 15_000;

const systemActor = 'system';

/** What is known, after this step, of until when devices were heard, and of a restore of the database. */
type Hearing = Pick<LiveRollout, 'heardAtMs' | 'restoreKnown'>;

async function keepHearing(tx: Transaction, rollout: LiveRollout, hearing: boolean): Promise<Hearing> {
  const { heardAtMs, restoreKnown, nowMs } = rollout;
  if (!hearing) return { heardAtMs, restoreKnown };
  if (heardAtMs === null) return { heardAtMs: nowMs, restoreKnown };
  const sinceMs = nowMs - heardAtMs;
  if (sinceMs <= gapMs) return { heardAtMs: sinceMs > noteHeardMs ? nowMs : heardAtMs, restoreKnown };
  await prolongDues(tx, rollout, sinceMs);
  // A database that is restored tells of itself by nothing but such a gap: it may have been restored once more.
  return { heardAtMs: nowMs, restoreKnown: false };
}

interface Seen {
  readonly view: RolloutView;
  readonly look: Look;
  readonly heard: Hearing;
}

async function see(tx: Transaction, rollout: LiveRollout, { work, hearing, databaseEpoch }: Moment & { work: RolloutWork }): Promise<Seen> {
  const heard = await keepHearing(tx, rollout, hearing);
  const waves = await readWaves(tx, rollout);
  const answers = await work.answers(tx, { rollout: { ...rollout, ...heard }, databaseEpoch, nowMs: rollout.nowMs, limit: answersAtOnce });
  const slowness = rollout.state === 'running' ? await readSlowness(tx, rollout) : { deliveryMs: null, confirmMs: null };
  const mayOpen = obstacleOf({ hearing, slowness, settings: rollout.settings }) === null;
  const look = await lookAround(tx, rollout, { waves, mayOpen, stepLimit });
  const { state, settings, currentWave, startAtMs, endAtMs, forgivenBad, forgivenJudged, credit, creditAtMs } = rollout;
  const view: RolloutView = {
    state,
    settings,
    currentWave,
    startAtMs,
    endAtMs,
    writeAhead: rollout.revertOf !== null,
    mayGrow: roomToGrow(rollout) > 0,
    forgiven: { bad: forgivenBad, judged: forgivenJudged },
    credit: credit === null || creditAtMs === null ? null : { amount: credit, atMs: creditAtMs },
    waves,
    flight: look.rows.length > 0 ? await readFlight(tx, rollout) : nobodyInFlight,
    slowness,
    hearing,
    answers,
    candidates: candidatesOf(look.rows, rollout),
    stepLimit,
  };
  return { view, look, heard };
}

async function act(tx: Transaction, { rollout, decision, ids }: { rollout: LiveRollout; decision: Decision; ids: Ids }): Promise<void> {
  if (!decision.act) return;
  const { act: name, reason } = decision.act;
  const next = await transit(tx, rollout, { act: name, actor: systemActor, reason });
  if (next === null) return;
  if (name === 'start') await beginWave(tx, rollout, { number: 1, actor: systemActor, proven: false });
  if (name === 'finish') await endWayBack(tx, rollout, 'finished');
  if (name === 'revert') await beginWayBack(tx, rollout, { id: ids.uuid(), actor: rollout.approvedBy ?? rollout.createdBy });
}

const over: readonly LiveRollout['state'][] = ['finished', 'aborted', 'reverting', 'reverted'];

/** Leaves what an ended rollout did not come to, and takes it off the ticks' list once nothing of it is on its way. */
async function wrapUp(tx: Transaction, rollout: LiveRollout, { view }: Seen): Promise<{ cleared: number; settled: boolean }> {
  if (!over.includes(rollout.state)) return { cleared: 0, settled: false };
  const cleared = await clearRest(tx, rollout, rollout.state === 'finished' ? 'rollout.ended' : `rollout.${rollout.state}`);
  const inFlight = view.waves.reduce((sum, { counts }) => sum + counts.opened + counts.changing, 0);
  // Who was away when its way back was written is still waited for, as long as the way back lasts.
  const away = view.writeAhead ? view.waves.reduce((sum, { counts }) => sum + counts.waiting, 0) : 0;
  const late = rollout.endAtMs !== null && rollout.endAtMs <= rollout.nowMs;
  return { cleared, settled: cleared === 0 && inFlight === 0 && view.answers.length === 0 && (away === 0 || late) };
}

async function carryOut(
  tx: Transaction,
  rollout: LiveRollout,
  { work, decision, waves }: { work: RolloutWork; decision: Decision; waves: readonly WaveView[] },
): Promise<void> {
  const { moves, openings } = decision;
  const takenBack = moves.flatMap(({ withhold, device }) => (withhold ? [device] : []));
  const withheld = new Set(takenBack.length > 0 ? await work.withhold(tx, rollout, takenBack) : []);
  await writeMoves(
    tx,
    rollout,
    // Who acknowledged meanwhile stands as it stood: the next step hears it.
    moves.filter(({ withhold, device }) => !withhold || withheld.has(device)),
  );
  await writeForgiven(tx, rollout, wavesAfter(waves, moves));
  if (openings.length === 0) return;
  await forgetForgiven(tx, rollout, openings);
  await writeOpenings(tx, rollout, { openings, given: await work.give(tx, rollout, openings) });
}

export interface StepOutcome {
  /** Something was done: other rollouts may go on by it. */
  readonly busy: boolean;
  /** This one may go on at once, though no device says anything meanwhile. */
  readonly more: boolean;
}

const nothingDone: StepOutcome = { busy: false, more: false };

/**
 * One step of one rollout: looks, decides, does, all in the caller's transaction. Steps of a tenant follow one another, so that caps hold over
 * all its rollouts; the rollout's row is locked, so that an operator's act comes before a step or after it.
 */
export async function rolloutStep(tx: Transaction, key: RolloutKey, { work: works, ids }: StepPorts): Promise<StepOutcome> {
  const free = await lockRollout(tx, key, false);
  const work = free && works[free.kind];
  if (!free || !work || free.settledAtMs !== null) return nothingDone;
  await lockTargets(tx, key.tenantId);
  const moment = await readMoment(tx);
  const rollout = { ...free, nowMs: moment.nowMs };
  const seen = await see(tx, rollout, { ...moment, work });
  const decision = decide(seen.view, rollout.nowMs);
  await carryOut(tx, rollout, { work, decision, waves: seen.view.waves });
  const { cleared, settled } = await wrapUp(tx, rollout, seen);
  const { pendingAfter, waitingAfter } = seen.look.next(decision);
  const { credit, obstacle } = decision;
  const busy =
    decision.moves.length > 0 || decision.openings.length > 0 || decision.act !== null || decision.beginWave !== null || cleared > 0;
  const turned = pendingAfter > rollout.pendingAfter;
  if (
    busy ||
    turned ||
    settled ||
    obstacle !== rollout.obstacle ||
    seen.heard.heardAtMs !== rollout.heardAtMs ||
    waitingAfter !== rollout.waitingAfter
  ) {
    const change = {
      ...seen.heard,
      obstacle,
      credit: credit?.amount ?? null,
      creditAtMs: credit?.atMs ?? null,
      pendingAfter,
      waitingAfter,
      settled,
    };
    await writeRollout(tx, rollout, change);
  }
  // Last: it raises the revision and may change what the lines above have written.
  if (decision.beginWave !== null) await beginWave(tx, rollout, { number: decision.beginWave, actor: systemActor, proven: true });
  await act(tx, { rollout, decision, ids });
  if (busy || settled || obstacle !== rollout.obstacle) await announceRollout(tx, rollout);
  // Answers that nothing was made of, as while nobody is heard, are the first ones again.
  const isMoreSaid = seen.view.answers.length === answersAtOnce && decision.moves.length > 0;
  return { busy, more: cleared > 0 || isMoreSaid || mayGoOn(seen.view, decision) };
}
