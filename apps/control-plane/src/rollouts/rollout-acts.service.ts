import { type Rollout, type RolloutActRequest, selectionSchema } from '@towline/protocol/http';
import type { Caller } from '../operators/authorise.ts';
import type { Ids } from '../platform/clock.ts';
import type { Database, Transaction } from '../platform/database.ts';
import { found, refusal } from '../platform/refusal.ts';
import { keepHoldsStill } from '../sites/site-holds.repository.ts';
import { lockTargets } from '../targets/targets.repository.ts';
import { markApproved, markSubmitted, readBoundsOf } from './approval/approval.repository.ts';
import { approvalCauses, isBounded } from './approval/approval-causes.ts';
import { readDoneAlone } from './approval/done-alone.repository.ts';
import { type LiveRollout, lockRollout } from './live-rollout.repository.ts';
import { beginWayBack } from './revert.repository.ts';
import { forgive, retryFailed } from './rollout-acts.repository.ts';
import type { RolloutPlanner } from './rollout-planner.ts';
import { type RolloutAct, refusalText, stateAfter } from './rollout-states.ts';
import type { RolloutsService } from './rollouts.service.ts';
import { readWaves } from './tick/step-view.repository.ts';
import { announceRollout, type Transition, transit } from './transition.repository.ts';
import { beginWave } from './waves.repository.ts';
import { endWayBack } from './way-back-end.ts';

/** Planning a million devices takes its time. */
const planTimeoutMs = 300_000;

interface Asked {
  readonly caller: Caller;
  readonly id: string;
  readonly request: RolloutActRequest;
}

interface Act {
  readonly tx: Transaction;
  readonly caller: Caller;
  readonly rollout: LiveRollout;
  readonly reason: string | null;
}

type Does = (act: Act) => Promise<Partial<Transition>>;

/** What an operator does with a rollout: each act is one transaction that holds its row, so it comes before a tick's step or after it. */
export class RolloutActsService {
  readonly #rollouts: RolloutsService;
  readonly #planner: RolloutPlanner;
  readonly #database: Database;
  readonly #ids: Ids;

  constructor(rollouts: RolloutsService, planner: RolloutPlanner, database: Database, ids: Ids) {
    this.#rollouts = rollouts;
    this.#planner = planner;
    this.#database = database;
    this.#ids = ids;
  }

  async plan(caller: Caller, id: string, request: RolloutActRequest): Promise<Rollout> {
    const asked = { caller, id, request };
    const seen = await this.#database.prisma.$transaction((tx) => this.#begin(tx, 'plan', asked));
    const looked = await this.#planner.look(caller, seen);
    const unchanged = { ...request, revision: seen.revision };
    return this.#perform('plan', { ...asked, request: unchanged }, async ({ tx, rollout }) => {
      await this.#planner.write(tx, rollout, looked);
      return {};
    });
  }

  /** Where nobody else has to approve, it is scheduled at once. */
  submit(caller: Caller, id: string, request: RolloutActRequest): Promise<Rollout> {
    return this.#perform('submit', { caller, id, request }, async ({ tx, rollout }) => {
      const selection = selectionSchema.parse(rollout.selection);
      const bounds = await readBoundsOf(tx, rollout);
      if (rollout.kind === 'policy' && rollout.risks === null && Object.keys(bounds.risks).length > 0)
        throw refusal('rollout.wrong-state', 'it was planned before anybody asked for its risks: plan it again');
      const later = selection.dynamic?.growthLimit ?? 0;
      const own = { devices: rollout.devices + later, later, risks: rollout.risks };
      const excesses = isBounded(bounds) ? approvalCauses(own, await readDoneAlone(tx, caller, id), bounds) : [];
      await markSubmitted(tx, rollout, { by: caller.id, causes: excesses.map(({ cause }) => cause) });
      return excesses.length > 0 ? { details: { excesses } } : { to: 'scheduled' };
    });
  }

  approve(caller: Caller, id: string, request: RolloutActRequest): Promise<Rollout> {
    return this.#perform('approve', { caller, id, request }, async ({ tx, rollout }) => {
      if (rollout.authors.includes(caller.id))
        throw refusal('rollout.second-person', 'whoever made or changed a rollout does not approve it: another admin must');
      await markApproved(tx, rollout, caller.id);
      return {};
    });
  }

  reject(caller: Caller, id: string, request: RolloutActRequest): Promise<Rollout> {
    return this.#perform('reject', { caller, id, request });
  }

  start(caller: Caller, id: string, request: RolloutActRequest): Promise<Rollout> {
    return this.#perform('start', { caller, id, request }, async ({ tx, rollout }) => {
      await beginWave(tx, rollout, { number: 1, actor: caller.id, proven: false });
      return {};
    });
  }

  pause(caller: Caller, id: string, request: RolloutActRequest): Promise<Rollout> {
    return this.#perform('pause', { caller, id, request });
  }

  resume(caller: Caller, id: string, request: RolloutActRequest): Promise<Rollout> {
    return this.#perform('resume', { caller, id, request }, async ({ tx, rollout }) => {
      await forgive(tx, rollout);
      return {};
    });
  }

  finish(caller: Caller, id: string, request: RolloutActRequest): Promise<Rollout> {
    return this.#perform('finish', { caller, id, request }, async ({ tx, rollout }) => {
      await endWayBack(tx, rollout, 'finished');
      return {};
    });
  }

  abort(caller: Caller, id: string, request: RolloutActRequest): Promise<Rollout> {
    return this.#perform('abort', { caller, id, request }, async ({ tx, rollout }) => {
      await endWayBack(tx, rollout, 'aborted');
      return {};
    });
  }

  retryFailed(caller: Caller, id: string, request: RolloutActRequest): Promise<Rollout> {
    return this.#perform('retry', { caller, id, request }, async ({ tx, rollout }) => {
      await retryFailed(tx, rollout);
      return {};
    });
  }

  revert(caller: Caller, id: string, request: RolloutActRequest): Promise<Rollout> {
    return this.#perform('revert', { caller, id, request }, async ({ tx, rollout }) => {
      if (rollout.kind !== 'policy' || rollout.revertOf !== null) {
        throw refusal('rollout.wrong-state', 'only a rollout of a policy version can be led back');
      }
      await lockTargets(tx, caller.tenant);
      await beginWayBack(tx, rollout, { id: this.#ids.uuid(), actor: caller.id });
      return {};
    });
  }

  /** Begins the next wave, whatever became of the current one. */
  async nextWave(caller: Caller, id: string, request: RolloutActRequest): Promise<Rollout> {
    await this.#database.prisma.$transaction(async (tx) => {
      const rollout = await this.#lock(tx, { caller, id, request });
      const next = rollout.currentWave + 1;
      const waves = await readWaves(tx, rollout);
      if (rollout.state !== 'running')
        throw refusal('rollout.wrong-state', `the rollout is ${rollout.state}; a wave can begin when it is running`);
      if (next > waves.length)
        throw refusal('rollout.wrong-state', `wave ${rollout.currentWave} is the last: there is no next one to begin`);
      await beginWave(tx, rollout, { number: next, actor: caller.id, proven: false });
      await announceRollout(tx, rollout);
    });
    return this.#rollouts.get(caller, id);
  }

  async #begin(tx: Transaction, act: RolloutAct, asked: Asked): Promise<LiveRollout> {
    const rollout = await this.#lock(tx, asked);
    if (stateAfter(rollout.state, act) === null) throw refusal('rollout.wrong-state', refusalText(rollout.state, act));
    return rollout;
  }

  async #lock(tx: Transaction, { caller, id, request }: Asked): Promise<LiveRollout> {
    const rollout = found(await lockRollout(tx, { tenantId: caller.tenant, id }, true), 'rollout');
    if (request.revision !== undefined && request.revision !== rollout.revision) {
      throw refusal('rollout.changed', `its revision is ${rollout.revision} by now: look again`, [
        { path: 'revision', message: `is ${rollout.revision}` },
      ]);
    }
    return rollout;
  }

  async #perform(act: RolloutAct, asked: Asked, does: Does = () => Promise.resolve({})): Promise<Rollout> {
    const { caller, id, request } = asked;
    const reason = request.reason ?? null;
    await this.#database.prisma.$transaction(
      async (tx) => {
        const rollout = await this.#begin(tx, act, asked);
        if (act === 'revert') await keepHoldsStill(tx, caller.tenant);
        const special = await does({ tx, caller, rollout, reason });
        await transit(tx, rollout, { act, actor: caller.id, reason, ...special });
      },
      act === 'plan' ? { timeout: planTimeoutMs } : {},
    );
    return this.#rollouts.get(caller, id);
  }
}
