import { canonicalJson } from '@towline/protocol';
import type {
  CreateRollout,
  Page,
  Rollout,
  RolloutDeviceItem,
  RolloutDeviceQuery,
  RolloutOverlaps,
  RolloutQuery,
  UpdateRollout,
  VersionRef,
} from '@towline/protocol/http';
import { recordAudit } from '../audit/audit.repository.ts';
import { mayBeOrdered, notAskable } from '../jobs/may-be-ordered.repository.ts';
import type { Caller } from '../operators/authorise.ts';
import type { Ids } from '../platform/clock.ts';
import type { Database } from '../platform/database.ts';
import { found, refusal } from '../platform/refusal.ts';
import { loadPolicyVersion } from '../policies/policies.repository.ts';
import type { SelectionRepository } from '../targeting/selection.repository.ts';
import { lockRollout } from './live-rollout.repository.ts';
import { readOverlaps } from './overlaps.repository.ts';
import { stateAfter } from './rollout-states.ts';
import { type RolloutsRepository, writeDraft } from './rollouts.repository.ts';
import { announceRollout, transit } from './transition.repository.ts';

/** Drafts of rollouts, and what is to be seen of all of them. Nothing here moves a link. */
export class RolloutsService {
  readonly #rollouts: RolloutsRepository;
  readonly #selections: Pick<SelectionRepository, 'condition' | 'requireDevices'>;
  readonly #database: Database;
  readonly #ids: Ids;

  constructor(
    rollouts: RolloutsRepository,
    selections: Pick<SelectionRepository, 'condition' | 'requireDevices'>,
    database: Database,
    ids: Ids,
  ) {
    this.#rollouts = rollouts;
    this.#selections = selections;
    this.#database = database;
    this.#ids = ids;
  }

  list(caller: Caller, query: RolloutQuery): Promise<Page<Rollout>> {
    return this.#rollouts.list(caller.tenant, query);
  }

  async get(caller: Caller, id: string): Promise<Rollout> {
    return found(await this.#rollouts.get(caller.tenant, id), 'rollout');
  }

  async devices(caller: Caller, id: string, query: RolloutDeviceQuery): Promise<Page<RolloutDeviceItem>> {
    await this.get(caller, id);
    return this.#rollouts.devices(caller.tenant, id, query);
  }

  async overlaps(caller: Caller, id: string): Promise<RolloutOverlaps> {
    await this.get(caller, id);
    return { items: await readOverlaps(this.#database.prisma, { tenantId: caller.tenant, id }) };
  }

  async create(caller: Caller, draft: CreateRollout): Promise<Rollout> {
    await this.#requireContent(caller.tenant, draft);
    const id = draft.id ?? this.#ids.uuid();
    const isNew = await this.#rollouts.create(caller, id, draft);
    const rollout = await this.#rollouts.get(caller.tenant, id);
    const isSame =
      rollout !== null &&
      rollout.name === draft.name &&
      canonicalJson(rollout.policy ?? rollout.order) === canonicalJson(draft.policy ?? draft.order);
    if (!isNew && !isSame) throw refusal('resource.conflict', 'another rollout has this id');
    return found(rollout, 'rollout');
  }

  async update(caller: Caller, id: string, change: UpdateRollout): Promise<Rollout> {
    await this.#requireContent(caller.tenant, change);
    const { name, priority, note, ...content } = change;
    const isContent = Object.values(content).some((value) => value !== undefined);
    await this.#database.prisma.$transaction(async (tx) => {
      const rollout = found(await lockRollout(tx, { tenantId: caller.tenant, id }, true), 'rollout');
      if (isContent && stateAfter(rollout.state, 'edit') === null) {
        throw refusal(
          'rollout.wrong-state',
          `the rollout is ${rollout.state}: of what was submitted only name, priority and note may change`,
        );
      }
      refuseOtherKind(rollout.kind, change);
      if (isContent) await transit(tx, rollout, { act: 'edit', actor: caller.id, reason: null });
      await writeDraft(tx, rollout, { change, author: isContent ? caller.id : null });
      if (!isContent) {
        const details = { name: name ?? rollout.name, priority: priority ?? rollout.priority, ...(note ? { note } : {}) };
        await recordAudit(tx, { tenantId: caller.tenant, actor: caller.id, action: 'rollout.label', subject: id, details });
      }
      await announceRollout(tx, rollout);
    });
    return this.get(caller, id);
  }

  async #requireContent(
    tenantId: string,
    { policy, order, selection }: Pick<UpdateRollout, 'policy' | 'order' | 'selection'>,
  ): Promise<void> {
    if (selection) {
      // Asked for what they throw: whom it means is known only when it is planned.
      await this.#selections.condition(tenantId, selection);
      await this.#selections.requireDevices(tenantId, selection);
    }
    if (policy) await this.#requirePolicy(tenantId, policy);
    if (order && !(await mayBeOrdered(this.#database.prisma, tenantId, order)))
      throw refusal('request.invalid', 'nothing was done', [notAskable]);
  }

  async #requirePolicy(tenantId: string, ref: VersionRef): Promise<void> {
    if (await loadPolicyVersion(this.#database.prisma, tenantId, ref)) return;
    throw refusal('request.invalid', 'nothing was done', [{ path: 'policy', message: 'no such policy version' }]);
  }
}

/** What a rollout does stays what it is: a policy version, or an order that nothing takes back. */
function refuseOtherKind(kind: Rollout['kind'], { policy, order, settings }: UpdateRollout): void {
  const foreign = kind === 'job' ? policy !== undefined || settings?.breaker.action === 'revert' : order !== undefined;
  if (!foreign) return;
  const message = kind === 'job' ? 'the rollout is of an order: it has no policy, and no way back' : 'the rollout is of a policy version';
  throw refusal('request.invalid', 'nothing was done', [{ path: kind === 'job' ? 'policy' : 'order', message }]);
}
