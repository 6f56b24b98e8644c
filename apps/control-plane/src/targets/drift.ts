import { type ModemState, modemStateSchema, resolveRule, slotRule, type TargetRule } from '@towline/protocol';
import type { Drift, ShownProfile } from '@towline/protocol/http';
import * as z from 'zod';
import { simSubjectOf } from './sim-subject.ts';

const { id, model, firmware, sim, simSlot, registration, roaming, bearer, rule, profileRef } = modemStateSchema.shape;
/** What of a modem is compared with a target, which is the lesser part of what a device says of one. */
export const comparedModemSchema = z.object({ id, model, firmware, sim, simSlot, registration, roaming, bearer, rule, profileRef });
type ComparedModem = z.infer<typeof comparedModemSchema>;

type Difference = Omit<Drift, 'modem'>;
type Bearer = ModemState['bearer'];

/** `AT+CGCONTRDP` adds the operator identifier: `fleet.north.mnc001.mcc262.gprs` (TS 23.003 clause 9.1.2). */
function isSameApn(wanted: string, reported: string): boolean {
  const [left, right] = [wanted.toLowerCase(), reported.toLowerCase()];
  return left === right || right.startsWith(`${left}.mnc`);
}

/** A dual-stack request may rightly end as one of both. */
const ipTypeFits = (wanted: string, reported: string): boolean => wanted === reported || wanted === 'ipv4v6';

/** Where the bearer is not what the profile asks for; what the modem cannot tell is no difference. */
export function bearerDifferences(profile: Pick<ShownProfile, 'apn' | 'ipType' | 'dataMode'>, bearer: Bearer): Difference[] {
  const reported = bearer?.apn ?? bearer?.requestedApn ?? null;
  const found: (Difference | null)[] = [
    reported !== null && isSameApn(profile.apn, reported) ? null : { field: 'apn', wanted: profile.apn, reported },
    !bearer?.ipType || ipTypeFits(profile.ipType, bearer.ipType)
      ? null
      : { field: 'ipType', wanted: profile.ipType, reported: bearer.ipType },
    !bearer?.dataMode || profile.dataMode === 'auto' || profile.dataMode === bearer.dataMode
      ? null
      : { field: 'dataMode', wanted: profile.dataMode, reported: bearer.dataMode },
  ];
  return found.filter((difference) => difference !== null);
}

function driftOfModem(rules: readonly TargetRule[], modem: ComparedModem): Difference[] {
  const { rule } = resolveRule(rules, simSubjectOf(modem));
  if (!rule) return modem.rule === null ? [] : [{ field: 'rule', wanted: null, reported: modem.rule }];
  const slot = slotRule(rules, modem)?.simSlot ?? modem.simSlot;
  return [
    ...(slot === modem.simSlot
      ? []
      : [{ field: 'simSlot' as const, wanted: `${slot}`, reported: modem.simSlot ? `${modem.simSlot}` : null }]),
    ...(modem.rule === rule.name ? [] : [{ field: 'rule' as const, wanted: rule.name, reported: modem.rule }]),
    ...(modem.profileRef === rule.profileRef ? [] : [{ field: 'profile' as const, wanted: rule.profileRef, reported: modem.profileRef }]),
    ...bearerDifferences(rule.profile, modem.bearer),
  ];
}

/** Where a device is not what its target wants, modem by modem, from what it last reported. */
export function driftOf(rules: readonly TargetRule[], modems: readonly ComparedModem[]): Drift[] {
  return modems.flatMap((modem) => driftOfModem(rules, modem).map((difference) => ({ modem: modem.id, ...difference })));
}
