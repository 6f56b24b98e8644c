import { createHash } from 'node:crypto';
import { faultCode } from '@towline/kit';
import { canonicalJson, type TargetDocument } from '@towline/protocol';
import type { VersionRef } from '@towline/protocol/http';
import * as z from 'zod';
import type { Ids } from '../platform/clock.ts';
import type { Sealer } from '../platform/sealer.ts';
import { openPolicy } from '../policies/stored-rules.ts';
import { openProfile } from '../profiles/stored-profile.ts';
import { type CompositionPolicy, type ProfilesByRef, profileRef } from './compose.ts';
import { type AssignmentDecision, decideAssignment } from './decide-assignment.ts';
import { openTarget, sealTarget } from './sealed-target.ts';
import type { NewTarget, TargetedDevice, TargetsRepository } from './targets.repository.ts';

const saltBytes = 18;

const digestOf = (document: TargetDocument): string => createHash('sha256').update(canonicalJson(document)).digest('hex');

/** A policy version with everything it refers to, secrets open. */
export interface OpenPolicy {
  readonly policy: CompositionPolicy;
  readonly profiles: ProfilesByRef;
}

/** Makes the targets of devices, for assignments and for rollouts alike. */
export class TargetComposer {
  readonly #targets: Pick<TargetsRepository, 'policyVersion' | 'profileDocuments'>;
  readonly #sealer: Sealer;
  readonly #ids: Ids;

  constructor(targets: Pick<TargetsRepository, 'policyVersion' | 'profileDocuments'>, sealer: Sealer, ids: Ids) {
    this.#targets = targets;
    this.#sealer = sealer;
    this.#ids = ids;
  }

  /** Null when there is no such version. */
  async open(tenantId: string, ref: VersionRef): Promise<OpenPolicy | null> {
    const version = await this.#targets.policyVersion(tenantId, ref);
    if (!version) return null;
    const opened = openPolicy(version.document, this.#sealer);
    const documents = await this.#targets.profileDocuments(
      tenantId,
      opened.rules.map((rule) => rule.profile),
    );
    const profiles = new Map([...documents].map(([profile, document]) => [profile, openProfile(document, this.#sealer)]));
    return { policy: { id: version.id, version: version.version, ...opened }, profiles };
  }

  /** What it has by another policy version is another target: that one need not be opened. */
  decide(device: TargetedDevice, open: OpenPolicy, databaseEpoch: number): AssignmentDecision {
    const isOfVersion = device.target !== null && profileRef(device.target.policy) === profileRef(open.policy);
    return isOfVersion ? this.compare(device, open, databaseEpoch).decision : this.decideAgain(device, open, databaseEpoch);
  }

  /** The decision, and the document that the device has, secrets open; null without one, or where it cannot be opened any more. */
  compare(
    device: TargetedDevice,
    open: OpenPolicy,
    databaseEpoch: number,
  ): { decision: AssignmentDecision; document: TargetDocument | null } {
    const document = device.target && this.#openCurrent(device.target.document);
    const current = device.target && { ...device.target, document };
    return { decision: decideAssignment({ device, current, ...open, databaseEpoch, salt: this.#salt() }), document };
  }

  /** The same for a device that is to try once more: what it was told already is told anew, with a new number. */
  decideAgain(device: TargetedDevice, open: OpenPolicy, databaseEpoch: number): AssignmentDecision {
    const current = device.target && { ...device.target, document: null };
    return decideAssignment({ device, current, ...open, databaseEpoch, salt: this.#salt() });
  }

  /** The row to write; none unless it was decided to assign. */
  newTarget(deviceId: string, decision: AssignmentDecision): NewTarget[] {
    if (decision.outcome !== 'assigned') return [];
    const { epoch, number, document } = decision;
    return [{ deviceId, epoch, number, digest: digestOf(document), document: sealTarget(document, this.#sealer) }];
  }

  #salt(): string {
    return this.#ids.secret(saltBytes).toString('base64url');
  }

  /** Null when it was sealed with a key that is lost, or is of no shape we know: no reason to refuse a new one, which is the way out. */
  #openCurrent(document: unknown): TargetDocument | null {
    try {
      return openTarget(document, this.#sealer);
    } catch (error) {
      if (faultCode(error) === 'sealer.refused' || error instanceof z.ZodError) return null;
      throw error;
    }
  }
}
