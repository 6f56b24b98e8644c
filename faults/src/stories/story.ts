import type { DataMode, SimSlot } from '@towline/modem';
import type { ConnectionProfile, TargetDocument, TargetRule } from '@towline/protocol';

/** One SIM card of the gateway's drawer. */
export const firstSim = { iccid: '8900101000000000071', imsi: '001010000000007' } as const;
export const spareSim = { iccid: '8900101000000000097', imsi: '001010000000009' } as const;
/** In the second slot of a modem that has two. */
export const secondSim = { iccid: '8900101000000000105', imsi: '001010000000010' } as const;

/** What a gateway is reached with. */
export interface Setting {
  readonly apn: string;
  readonly mode: DataMode;
  /** What the modem is kept to; left out: to nothing, as it came from its factory. */
  readonly radioAccess?: 'lte' | 'gsm';
  /** Numbers of LTE bands. */
  readonly bands?: readonly number[];
  /** Left out: the first. */
  readonly slot?: SimSlot;
}

/** A change of a gateway that runs, and whether the network takes it. */
export interface Story {
  readonly name: string;
  /** Id of a model of @towline/modem. */
  readonly model: string;
  readonly before: Setting;
  /** Ordered one after the other, each once the one before is over. */
  readonly wanted: readonly Setting[];
  /** `refused`: with a cause, at once. `dead`: taken, and nothing is reached. `walled`: others are, the control plane is not. `substituted`: another APN is given. */
  readonly network: 'takes' | 'refused' | 'dead' | 'walled' | 'substituted';
  readonly hasLifeline: boolean;
}

const north: Setting = { apn: 'fleet.north', mode: 'ecm' };
const south: Setting = { apn: 'fleet.south', mode: 'ecm' };
const southQmi: Setting = { apn: 'fleet.south', mode: 'qmi' };

const base = { network: 'takes', hasLifeline: false } as const;
const onEc200a = { ...base, model: 'ec200a', before: south } as const;
const onEc25 = { ...base, model: 'ec25', before: southQmi } as const;

const onRm520n = { ...base, model: 'rm520n-gl', before: southQmi } as const;

/** Every kind of change, on a modem that can do it. */
export const stories: readonly Story[] = [
  { ...onEc200a, name: 'apn', wanted: [north] },
  { ...onEc25, name: 'apn-over-qmi', wanted: [{ ...southQmi, apn: 'fleet.north' }] },
  { ...onEc25, name: 'qmi-to-mbim', wanted: [{ ...southQmi, mode: 'mbim' }] },
  { ...onEc200a, name: 'ecm-to-rndis-to-ecm', wanted: [{ ...south, mode: 'rndis' }, south] },
  { ...onEc200a, name: 'apn-refused', wanted: [{ ...south, apn: 'fleet.other' }], network: 'refused' },
  { ...onEc25, name: 'apn-refused-over-qmi', wanted: [{ ...southQmi, apn: 'fleet.other' }], network: 'refused' },
  { ...onEc200a, name: 'apn-substituted', wanted: [{ ...south, apn: 'fleet.typo' }], network: 'substituted' },
  { ...onEc200a, name: 'apn-without-way', wanted: [{ ...south, apn: 'fleet.island' }], network: 'dead' },
  { ...onEc25, name: 'apn-walled-off', wanted: [{ ...southQmi, apn: 'fleet.walled' }], network: 'walled' },
  { ...onEc25, name: 'apn-walled-off-with-lifeline', wanted: [{ ...southQmi, apn: 'fleet.walled' }], network: 'walled', hasLifeline: true },
  { ...onEc25, name: 'radio-access', wanted: [{ ...southQmi, radioAccess: 'lte' }] },
  { ...onEc25, name: 'radio-access-without-cell', wanted: [{ ...southQmi, radioAccess: 'gsm' }], network: 'dead' },
  // The operator's LTE cells are on band 3.
  { ...onEc25, name: 'bands', wanted: [{ ...southQmi, bands: [3, 20] }] },
  { ...onEc25, name: 'bands-without-cell', wanted: [{ ...southQmi, bands: [20] }], network: 'dead' },
  { ...onRm520n, name: 'sim-slot', wanted: [{ ...southQmi, apn: 'fleet.north', slot: 2 }] },
  { ...onRm520n, name: 'sim-slot-empty', wanted: [{ ...southQmi, apn: 'fleet.north', slot: 2 }], network: 'dead' },
];

/** Whether there is a SIM that works in each slot. */
export const hasSecondSim = ({ wanted, network }: Story): boolean => network === 'takes' && wanted.some(({ slot }) => slot === 2);

/** Null for what is no story's name. */
export function storyNamed(name: string): Story | null {
  return stories.find((story) => story.name === name) ?? null;
}

function ruleOf(name: string, { apn, mode, radioAccess, bands }: Setting, when: TargetRule['when']): TargetRule {
  const limits = { ...(radioAccess ? { radioAccess } : {}), ...(bands ? { bands: { lte: [...bands] } } : {}) };
  const profile: ConnectionProfile = { apn, ipType: 'ipv4', auth: 'none', dataMode: mode, roaming: true, ...limits };
  const named = [apn, mode, ...(radioAccess ? [radioAccess] : []), ...(bands ?? [])].join('-');
  return { name, level: 'fleet', when, profileRef: `${named}@1`, profile };
}

/** What the spare SIM is dialled with, whatever is wanted of the first. */
export const spareApn = 'fleet.spare';

/** The target that wants this setting of the gateway's SIM. */
export function documentFor(setting: Setting): TargetDocument {
  return {
    salt: 'salt-salt-salt-salt',
    policy: { id: 'p1', version: 1 },
    rules: [
      ruleOf('spare', { apn: spareApn, mode: setting.mode }, { iccidPrefix: [spareSim.iccid] }),
      ...(setting.slot ? [ruleOf('second', setting, { iccidPrefix: [secondSim.iccid] })] : []),
      { ...ruleOf('first', setting, {}), ...(setting.slot ? { simSlot: setting.slot } : {}) },
    ],
  };
}
