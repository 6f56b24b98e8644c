import type { Survivors } from '@towline/agent/testing';
import { type Random, seededRandom } from '@towline/kit';
import { createOperatorNetwork, createSimulatedModem, type OperatorNetwork, type SimulatedModem, simulatedSim } from '@towline/simulator';
import { firstSim, hasSecondSim, type Setting, type Story, secondSim } from '../stories/story.ts';
import { ControlPlane, type DeviceRecord } from './control-plane.ts';
import { Flash } from './faulty-disk.ts';
import { Gateway, type Twin } from './gateway.ts';
import { OperatorCore, resolverHost } from './operator-core.ts';
import { Points } from './points.ts';
import { WorldClock } from './world-clock.ts';

/** A gateway, its operator and its control plane, all from one seed and on one clock. */
export interface World {
  readonly clock: WorldClock;
  readonly random: Random;
  readonly points: Points;
  readonly network: OperatorNetwork;
  readonly modem: SimulatedModem;
  readonly core: OperatorCore;
  readonly controlPlane: ControlPlane;
  readonly flash: Flash;
  readonly gateway: Gateway;
}

/** What is there when a world begins. */
export interface Beginning {
  readonly flash: Survivors;
  readonly record: DeviceRecord;
}

export interface WorldOptions {
  readonly seed: number;
  readonly story: Story;
  readonly beginning: Beginning;
  readonly twin?: Twin | null;
  readonly log?: (line: string) => void;
}

function operatorOf({ network }: Story): OperatorNetwork {
  return createOperatorNetwork({
    plmn: '00101',
    name: 'Polder Mobile',
    rats: ['nr-sa', 'lte', 'lte-m'],
    unknownAccessPoint: network === 'substituted' ? 'default' : 'refuse',
    accessPoints: [
      { name: 'fleet.north', ipTypes: ['ipv4'] },
      { name: 'fleet.south', ipTypes: ['ipv4'] },
      { name: 'fleet.spare', ipTypes: ['ipv4'] },
      { name: 'fleet.other', ipTypes: ['ipv4'], subscribers: ['001010000000099'] },
      { name: 'fleet.island', ipTypes: ['ipv4'], reaches: [] },
      { name: 'fleet.walled', ipTypes: ['ipv4'], reaches: [resolverHost] },
    ],
  });
}

function modemOf(story: Story, setting: Setting, parts: Pick<World, 'clock' | 'random' | 'network'>): SimulatedModem {
  return createSimulatedModem({
    ...parts,
    model: story.model,
    imei: '490154203237518',
    sim: simulatedSim(firstSim),
    ...(hasSecondSim(story) ? { secondSim: simulatedSim(secondSim) } : {}),
    contexts: { 1: { type: 'IP', accessPoint: setting.apn } },
    dataMode: setting.mode,
    start: 'running',
    // Bytes in odd pieces are the parsers' own tests; here they would only cost time.
    timing: { minDelayMs: 5, maxDelayMs: 60, chunks: 'whole' },
  });
}

const forgotten = { 'no-file-sync': 'sync-of-create', 'no-directory-sync': 'sync-of-directory' } as const;
const forgetsOf = (twin: Twin | null) => (twin === 'no-file-sync' || twin === 'no-directory-sync' ? forgotten[twin] : undefined);

/** Nothing runs in it before `gateway.boot`. */
export function createWorld({ seed, story, beginning, twin = null, log = () => {} }: WorldOptions): World {
  const clock = new WorldClock();
  const random = seededRandom(seed);
  const points = new Points();
  const network = operatorOf(story);
  const modem = modemOf(story, story.before, { clock, random, network });
  const core = new OperatorCore(modem);
  const record = structuredClone(beginning.record);
  const controlPlane = new ControlPlane(clock, record, (text) => points.note(`${clock.monotonicMs()} ${text}`));
  const flash = new Flash(points, { left: beginning.flash, forgets: forgetsOf(twin) });
  const parts = { clock, random, points, modem, core, controlPlane, flash };
  const say = (line: string) => log(`${(clock.monotonicMs() / 1_000).toFixed(2).padStart(9)} ${line}`);
  const gateway = new Gateway({ ...parts, hasLifeline: story.hasLifeline, twin, log: say });
  return { ...parts, network, gateway };
}
