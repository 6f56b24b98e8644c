import { createHash } from 'node:crypto';
import { type Clock, faultCode } from '@towline/kit';
import { canonicalJson, type TargetDocument } from '@towline/protocol';
import type { Assignment, AssignmentOutcome, CreateAssignment } from '@towline/protocol/http';
import type { Caller } from '../operators/authorise.ts';
import type { Ids } from '../platform/clock.ts';
import { refusal } from '../platform/refusal.ts';
import type { Sealer } from '../platform/sealer.ts';
import { openRules } from '../policies/stored-rules.ts';
import { openProfile } from '../profiles/stored-profile.ts';
import type { CompositionPolicy, ProfilesByRef } from './compose.ts';
import { type AssignmentDecision, decideAssignment, shownOutcome } from './decide-assignment.ts';
import { openTarget, sealTarget } from './sealed-target.ts';
import type { AssignmentTransaction, NewTarget, TargetedDevice, TargetsRepository } from './targets.repository.ts';

/** Devices assigned in one transaction. */
const chunkSize = 100;
const saltBytes = 18;

const digestOf = (document: TargetDocument): string => createHash('sha256').update(canonicalJson(document)).digest('hex');

interface OpenPolicy {
  readonly policy: CompositionPolicy;
  readonly profiles: ProfilesByRef;
}

/** The one act that changes targets. Nothing else in the control plane writes one. */
export class AssignmentsService {
  readonly #targets: TargetsRepository;
  readonly #sealer: Sealer;
  readonly #ids: Ids;
  readonly #clock: Clock;

  constructor(targets: TargetsRepository, sealer: Sealer, ids: Ids, clock: Clock) {
    this.#targets = targets;
    this.#sealer = sealer;
    this.#ids = ids;
    this.#clock = clock;
  }

  /** Sent again after it was cut short, it finishes the rest: what is assigned already is unchanged then. */
  async assign(caller: Caller, request: CreateAssignment): Promise<Assignment> {
    const open = await this.#open(caller.tenant, request);
    const ids = [...new Set(request.devices)].sort();
    const outcomes: AssignmentOutcome[] = [];
    for (let start = 0; start < ids.length; start += chunkSize) {
      const chunk = ids.slice(start, start + chunkSize);
      outcomes.push(...(await this.#targets.assign(caller.tenant, (tx) => this.#assignChunk(tx, { caller, request, open, chunk }))));
    }
    const count = (outcome: AssignmentOutcome['outcome']) => outcomes.filter((one) => one.outcome === outcome).length;
    return {
      policy: request.policy,
      assigned: count('assigned'),
      unchanged: count('unchanged'),
      refused: count('refused'),
      devices: outcomes,
    };
  }

  async #open(tenantId: string, { policy: ref }: CreateAssignment): Promise<OpenPolicy> {
    const version = await this.#targets.policyVersion(tenantId, ref);
    if (!version) throw refusal('request.invalid', 'nothing was assigned', [{ path: 'policy', message: 'no such policy version' }]);
    const rules = openRules(version.document, this.#sealer);
    const documents = await this.#targets.profileDocuments(
      tenantId,
      rules.map((rule) => rule.profile),
    );
    const profiles = new Map([...documents].map(([profile, document]) => [profile, openProfile(document, this.#sealer)]));
    return { policy: { id: version.id, version: version.version, rules }, profiles };
  }

  async #assignChunk(
    tx: AssignmentTransaction,
    { caller, request, open, chunk }: { caller: Caller; request: CreateAssignment; open: OpenPolicy; chunk: readonly string[] },
  ): Promise<AssignmentOutcome[]> {
    const databaseEpoch = await tx.databaseEpoch();
    const devices = await tx.devices(chunk);
    const decided = devices.map((device) => ({ device, decision: this.#decide(device, open, databaseEpoch) }));
    const targets = decided.flatMap(({ device, decision }) => this.#newTarget(device.id, decision));
    const { policy, note } = request;
    if (targets.length > 0) await tx.write({ caller, policy, note, at: new Date(this.#clock.wallMs()), targets });
    const known = new Map(decided.map(({ device, decision }) => [device.id, shownOutcome(device.id, decision)]));
    return chunk.map((device) => known.get(device) ?? { device, outcome: 'refused', code: 'device.not-found' });
  }

  #decide(device: TargetedDevice, open: OpenPolicy, databaseEpoch: number): AssignmentDecision {
    const current = device.target && { ...device.target, document: this.#openCurrent(device.target.document) };
    const salt = this.#ids.secret(saltBytes).toString('base64url');
    return decideAssignment({ device, current, ...open, databaseEpoch, salt });
  }

  /** Null when it was sealed with a key that is lost: then it is no reason to refuse a new one, which is the way out. */
  #openCurrent(document: unknown): TargetDocument | null {
    try {
      return openTarget(document, this.#sealer);
    } catch (error) {
      if (faultCode(error) === 'sealer.refused') return null;
      throw error;
    }
  }

  #newTarget(deviceId: string, decision: AssignmentDecision): NewTarget[] {
    if (decision.outcome !== 'assigned') return [];
    const { epoch, number, document } = decision;
    return [{ deviceId, epoch, number, digest: digestOf(document), document: sealTarget(document, this.#sealer) }];
  }
}
