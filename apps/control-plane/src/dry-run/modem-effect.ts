import type { ConnectionProfile, ModemState, SimSlot, TargetRule } from '@towline/protocol';
import type { DryRunRisk, EffectKind, EffectStep, FieldChange, ModemEffect } from '@towline/protocol/http';
import { simSubjectOf } from '../targets/sim-subject.ts';
import { type RadioLimit, radioLimits } from './radio-limits.ts';

/** What the agent does for it: the steps of its stages, in their order (apps/agent: core/stages). */
const stepsOf: Readonly<Record<EffectKind, readonly EffectStep[]>> = {
  none: [],
  redial: ['hang-up', 'write-context', 'dial', 'verify'],
  reattach: ['hang-up', 'write-context', 'cycle-radio', 'register', 'dial', 'verify'],
  switch: ['hang-up', 'write-data-mode', 'restart-modem', 'register', 'write-context', 'dial', 'verify'],
  // What else is written follows from the rule of a SIM that nobody has seen there.
  'other-sim': ['hang-up', 'write-sim-slot', 'register', 'write-context', 'dial', 'verify'],
  down: ['hang-up'],
};

export interface EffectInput {
  readonly modem: ModemState;
  /** What the target that the device has resolves to for the SIM in it, secrets open; null without one. */
  readonly before: TargetRule | null;
  /** What the new one would. */
  readonly after: TargetRule | null;
  /** The SIM slot that the modem is to use then; null: the one in use. */
  readonly slot: SimSlot | null;
}

const sameText = (left: string | null | undefined, right: string | null | undefined) =>
  (left ?? '').toLowerCase() === (right ?? '').toLowerCase();

/** An operator may add its identifier to an APN that was asked for: what was asked for counts. */
function contextDiffers({ bearer }: ModemState, before: ConnectionProfile | null, after: ConnectionProfile): boolean {
  const apn = bearer?.requestedApn ?? bearer?.apn ?? before?.apn ?? null;
  const ipType = bearer?.ipType ?? before?.ipType ?? null;
  return !sameText(apn, after.apn) || (ipType !== null && ipType !== after.ipType);
}

const signInDiffers = (before: ConnectionProfile | null, after: ConnectionProfile): boolean =>
  before !== null && (before.auth !== after.auth || before.username !== after.username || before.password !== after.password);

/** Null: the device says that it cannot be dialled so. Without its word, another mode than that of the bearer means a switch. */
function switches({ abilities, bearer }: ModemState, { dataMode }: ConnectionProfile): boolean | null {
  if (dataMode === 'auto') return false;
  if (abilities) return abilities.modes.includes(dataMode) ? false : abilities.switches.includes(dataMode) || null;
  return dataMode !== 'ppp' && typeof bearer?.dataMode === 'string' && bearer.dataMode !== dataMode;
}

function modeDiffers({ bearer }: ModemState, { dataMode }: ConnectionProfile): boolean {
  return dataMode !== 'auto' && typeof bearer?.dataMode === 'string' && bearer.dataMode !== dataMode;
}

/** What the rule keeps the radio to, where the target before did not: what the modem is kept to now is not reported. */
function limitsWritten({ before, after }: EffectInput): readonly RadioLimit[] {
  if (!after) return [];
  const keptBefore = ({ wanted }: RadioLimit) => before && wanted(before.profile);
  return radioLimits.filter((limit) => ![null, keptBefore(limit)].includes(limit.wanted(after.profile)));
}

/** Where a device does not say which slot it uses, that cannot be told. */
const goesToOtherSim = ({ modem: { simSlot }, slot }: EffectInput): boolean => slot !== null && simSlot !== undefined && simSlot !== slot;

/** What the device says that its modem cannot do for the rule: then the agent leaves the link as it is and asks for a person. */
export function lacking(input: EffectInput): readonly DryRunRisk[] {
  const { modem, after, slot } = input;
  const { abilities } = modem;
  if (abilities && slot !== null && !abilities.simSlots) return ['sim-slot.unavailable'];
  if (!after || goesToOtherSim(input)) return [];
  const limits = abilities ? radioLimits.filter(({ canBeKept }) => !canBeKept(abilities, after.profile)) : [];
  return [
    ...(switches(modem, after.profile) === null ? (['mode.unavailable'] as const) : []),
    ...limits.map(({ unavailable }) => unavailable),
  ];
}

function kindOf(input: EffectInput): EffectKind {
  const { modem, before, after } = input;
  if (goesToOtherSim(input)) return 'other-sim';
  if (!after) return 'none';
  const { profile } = after;
  if (!profile.roaming && simSubjectOf(modem).roaming === true) return 'down';
  if (lacking(input).length > 0) return 'none';
  if (switches(modem, profile)) return 'switch';
  const previous = before?.profile ?? null;
  if (contextDiffers(modem, previous, profile) || limitsWritten(input).length > 0) return 'reattach';
  return modeDiffers(modem, profile) || signInDiffers(previous, profile) ? 'redial' : 'none';
}

const shownFields = ['apn', 'ipType', 'auth', 'username', 'dataMode', 'roaming'] as const;

/** Without a target before, what the modem has dialled stands in for it. */
function changesOf(input: EffectInput): FieldChange[] {
  const { modem, before, after } = input;
  if (goesToOtherSim(input)) return [{ field: 'simSlot', from: `${modem.simSlot}`, to: `${input.slot}` }];
  const { bearer } = modem;
  const found: Partial<ConnectionProfile> | null =
    before?.profile ??
    (bearer ? { apn: bearer.requestedApn ?? bearer.apn ?? '', ...(bearer.ipType ? { ipType: bearer.ipType } : {}) } : null);
  const to = after?.profile ?? null;
  const fields = before || !found ? shownFields : (['apn', 'ipType'] as const);
  const changes = fields.map((field) => ({ field, from: found?.[field] ?? null, to: to?.[field] ?? null }));
  const hasOtherPassword = before !== null && to !== null && before.profile.password !== to.password;
  const kept = radioLimits.map(({ field, wanted }) => ({ field, from: before && wanted(before.profile), to: to && wanted(to) }));
  return [
    ...[...changes, ...kept].filter((change) => change.from !== change.to),
    ...(hasOtherPassword ? [{ field: 'password', from: null, to: null }] : []),
  ];
}

function outageOf(kind: EffectKind, { abilities }: ModemState): number | null {
  if (!abilities || kind === 'down') return null;
  return { none: 0, redial: abilities.redialS, reattach: abilities.reattachS, 'other-sim': abilities.switchS, switch: abilities.switchS }[
    kind
  ];
}

/** What one modem would be put through. Pure: only from what its device reported and the two targets. */
export function modemEffect(input: EffectInput): ModemEffect {
  const { modem, before, after } = input;
  const kind = kindOf(input);
  const writes = kind !== 'reattach' && kind !== 'switch' ? [] : limitsWritten(input).map(({ step }) => step);
  const [first, ...rest] = stepsOf[kind];
  const isUp = modem.bearer !== null;
  return {
    modem: modem.id,
    rule: { from: before?.name ?? null, to: after?.name ?? null },
    changes: changesOf(input),
    kind,
    steps: [...(first && (isUp || first !== 'hang-up') ? [first] : []), ...writes, ...rest],
    cutsLink: isUp && kind !== 'none',
    outageS: outageOf(kind, modem),
  };
}
