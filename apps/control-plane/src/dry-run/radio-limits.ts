import { type Abilities, bandsText, type ConnectionProfile } from '@towline/protocol';
import type { DryRunRisk, EffectStep } from '@towline/protocol/http';

/** Something of its radio that a profile may keep a modem to (apps/agent: core/radio-limits). */
export interface RadioLimit {
  readonly field: 'radioAccess' | 'bands';
  readonly step: EffectStep;
  readonly unavailable: DryRunRisk;
  /** Null: the profile leaves it as it is. */
  readonly wanted: (profile: ConnectionProfile) => string | null;
  readonly canBeKept: (abilities: Abilities, profile: ConnectionProfile) => boolean;
}

function hasBands({ bands = {} }: Abilities, { bands: wanted = {} }: ConnectionProfile): boolean {
  const able = new Map(Object.entries(bands));
  return Object.entries(wanted).every(([technology, numbers]) => numbers.every((band) => able.get(technology)?.includes(band)));
}

/** In the order in which the agent writes them. */
export const radioLimits: readonly RadioLimit[] = [
  {
    field: 'radioAccess',
    step: 'write-radio-access',
    unavailable: 'radio-access.unavailable',
    wanted: ({ radioAccess = null }) => radioAccess,
    canBeKept: ({ radioAccess = [] }, profile) => profile.radioAccess === undefined || radioAccess.includes(profile.radioAccess),
  },
  {
    field: 'bands',
    step: 'write-bands',
    unavailable: 'bands.unavailable',
    wanted: ({ bands }) => (bands === undefined ? null : bandsText(bands)),
    canBeKept: hasBands,
  },
];
