import { faultReportSchema, targetChangeSchema, targetPauseSchema } from '@towline/protocol';
import { type DeviceDetail, type ShownTarget, shownTargetStatusSchema } from '@towline/protocol/http';
import * as z from 'zod';
import { showProfile } from '../profiles/stored-profile.ts';
import type { MatchedGroup } from '../sites/filter-groups.repository.ts';
import { driftOf } from '../targets/drift.ts';
import { readSealedTarget } from '../targets/sealed-target.ts';
import { effectiveZone } from '../zones/effective-zone.ts';
import { readReportedState } from './reported-state.ts';

/** A target as its row has it. */
export interface TargetRow {
  readonly epoch: number;
  readonly number: number;
  readonly digest: string;
  readonly document: unknown;
  readonly policyId: string;
  readonly policyVersion: number;
  readonly assignedAt: Date;
  readonly assignedBy: string;
  readonly heldAt: Date | null;
  readonly status: string | null;
  readonly statusAt: Date | null;
  readonly statusDetail: unknown;
  readonly change: string | null;
  readonly announcedAt: Date | null;
  readonly confirmedAt: Date | null;
}

interface Inventory {
  readonly id: string;
  readonly name: string;
  readonly tags: string[];
  readonly online: boolean;
  readonly model: string | null;
  readonly imei: string | null;
  readonly iccid: string | null;
  readonly imsi: string | null;
  readonly homePlmn: string | null;
  readonly servingPlmn: string | null;
  readonly registration: string | null;
  readonly apn: string | null;
  readonly agentVersion: string | null;
  readonly bootId: string | null;
}

/** A device with everything that its page shows. */
export interface FullDevice extends Inventory {
  readonly createdAt: Date;
  readonly lastSeenAt: Date | null;
  readonly credentialHash: Uint8Array | null;
  readonly fingerprint: unknown;
  readonly cloneSuspectedAt: Date | null;
  readonly reported: unknown;
  readonly reportedAt: Date | null;
  readonly connectionState: string | null;
  readonly faultCode: string | null;
  readonly signalDbm: number | null;
  readonly zone: string | null;
  readonly site: { readonly id: string; readonly name: string; readonly zone: string | null } | null;
  readonly tenantZone: string | null;
  readonly groups: readonly MatchedGroup[];
  readonly target: TargetRow | null;
}

const fingerprintSchema = z.object({ boardSerial: z.string().nullable(), imeis: z.array(z.string()) });
const statusDetailSchema = z.object({
  fault: z.nullable(faultReportSchema),
  change: z.nullable(targetChangeSchema),
  pause: z.optional(targetPauseSchema),
});
const statusSchema = shownTargetStatusSchema.exclude(['waiting', 'held']);

const isoOfDevice = (unixMs: number | null): string | null => (unixMs === null ? null : new Date(unixMs).toISOString());

const isoOrNull = (time: Date | null): string | null => time?.toISOString() ?? null;

function shownStatus({ status, heldAt }: TargetRow): ShownTarget['status'] {
  const reported = statusSchema.safeParse(status);
  if (reported.success) return reported.data;
  return heldAt ? 'held' : 'waiting';
}

function readStatusDetail(json: unknown): Pick<ShownTarget, 'fault' | 'underway' | 'pause'> {
  const { fault = null, change = null, pause } = statusDetailSchema.safeParse(json).data ?? {};
  return { fault, underway: change, pause: pause ? { ...pause, until: isoOfDevice(pause.until) } : null };
}

function showChange({ change, announcedAt, confirmedAt }: TargetRow): ShownTarget['change'] {
  return change !== null && announcedAt
    ? { transaction: change, announcedAt: announcedAt.toISOString(), confirmedAt: isoOrNull(confirmedAt) }
    : null;
}

/** Without its secrets, and without opening them. */
export function showTarget(target: TargetRow): ShownTarget {
  const { rules } = readSealedTarget(target.document);
  return {
    version: { epoch: target.epoch, number: target.number },
    policy: { id: target.policyId, version: target.policyVersion },
    status: shownStatus(target),
    digest: target.digest,
    assignedAt: target.assignedAt.toISOString(),
    assignedBy: target.assignedBy,
    heldAt: isoOrNull(target.heldAt),
    statusAt: isoOrNull(target.statusAt),
    ...readStatusDetail(target.statusDetail),
    change: showChange(target),
    rules: rules.map(({ name, level, profileRef, profile, simSlot, pin }) => ({
      name,
      level,
      profileRef,
      profile: showProfile(profile),
      ...(simSlot === undefined ? {} : { simSlot }),
      pinSet: pin !== undefined,
    })),
  };
}

function inventoryOf(row: Inventory): Inventory {
  const { id, name, tags, online, model, imei, iccid, imsi, homePlmn, servingPlmn, registration, apn, agentVersion, bootId } = row;
  return { id, name, tags, online, model, imei, iccid, imsi, homePlmn, servingPlmn, registration, apn, agentVersion, bootId };
}

export function showDevice(row: FullDevice): DeviceDetail {
  const state = readReportedState(row.reported);
  const fingerprint = fingerprintSchema.safeParse(row.fingerprint);
  return {
    ...inventoryOf(row),
    site: row.site && { id: row.site.id, name: row.site.name },
    lastSeen: isoOrNull(row.lastSeenAt),
    state: row.connectionState,
    fault: row.faultCode,
    signal: row.signalDbm,
    createdAt: row.createdAt.toISOString(),
    credential: row.credentialHash ? 'valid' : 'revoked',
    cloneSuspectedAt: isoOrNull(row.cloneSuspectedAt),
    fingerprint: fingerprint.success ? fingerprint.data : null,
    groups: row.groups.map(({ id, name, rank }) => ({ id, name, rank })).sort((left, right) => left.rank - right.rank),
    zone: effectiveZone({ device: row.zone, site: row.site?.zone ?? null, tenant: row.tenantZone }),
    reported: state && row.reportedAt ? { at: row.reportedAt.toISOString(), ...state } : null,
    target: row.target && showTarget(row.target),
    drift: row.target && state ? driftOf(readSealedTarget(row.target.document).rules, state.modems) : [],
  };
}
