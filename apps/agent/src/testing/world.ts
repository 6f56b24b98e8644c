import { Fault, type ManualClock, manualClock, seededRandom } from '@towline/kit';
import type { SwitchableModemDriver } from '@towline/modem';
import type { TargetDocument, TargetRule } from '@towline/protocol';
import {
  createOperatorNetwork,
  createSimulatedModem,
  type OperatorNetwork,
  type SimulatedModem,
  type SimulatedSim,
  simulatedSerialPorts,
  simulatedSim,
} from '@towline/simulator';
import { readUsbDevices } from '../adapters/linux/sysfs-usb.ts';
import { memoryStore } from '../adapters/memory-store.ts';
import { nodeVault } from '../adapters/node-vault.ts';
import { type AgentConfig, type AgentConfigInput, agentConfigSchema } from '../config/agent-config.ts';
import { type Agent, assembleAgent } from '../runtime/create-agent.ts';
import type { OpenModem } from '../runtime/modem-handle.ts';
import { driverOpener } from '../runtime/open-modem.ts';
import type { AgentPorts, HostPorts, LogEvent, Transport, UsbBus } from '../runtime/ports.ts';
import { FakeControlPlane } from './fake-control-plane.ts';
import { type DeviceFixture, usbTree } from './usb-trees.ts';

export const imsi = '001010000000007';
export const iccid = '8900101000000000071';

export const secondImsi = '001010000000008';
export const secondIccid = '8900101000000000089';

export interface WorldOptions {
  readonly model?: string;
  readonly sim?: SimulatedSim;
  /** In the second slot of a modem that has two. */
  readonly otherSim?: SimulatedSim;
  readonly config?: Partial<AgentConfigInput>;
  readonly store?: AgentPorts['store'];
  readonly start?: 'running' | 'cold';
  /** With it the modem is reached by the ports that the bus shows: see `usbPorts`. */
  readonly usb?: UsbBus;
  readonly host?: HostPorts;
  /** Wrappers of what the agent reaches the world by, so that a test can break one thing. */
  readonly broken?: {
    readonly transport?: (transport: Transport) => Transport;
    readonly driver?: (driver: SwitchableModemDriver) => SwitchableModemDriver;
    readonly bootId?: (bootId: string) => string;
  };
  /** What the network does with an APN that it does not know. */
  readonly unknownAccessPoint?: 'refuse' | 'default';
  /** With a second modem behind ttys of its own: see `World.second`. */
  readonly twoModems?: boolean;
  /** Left out: nothing is known of the host. */
  readonly conditions?: NonNullable<AgentPorts['conditions']>;
  /** Left out: the host is not to be restarted by order. */
  readonly reboot?: NonNullable<AgentPorts['reboot']>;
}

/** Ttys of the fixture `ec200aEcm`, as the agent finds them. */
const usbPorts = { at: '/dev/ttyUSB1', ppp: '/dev/ttyUSB2' };

/** A USB bus to plug modems into. */
export function fakeBus(): UsbBus & { plug(...devices: DeviceFixture[]): void } {
  let plugged: readonly DeviceFixture[] = [];
  const listeners = new Set<() => void>();
  return {
    devices: () => readUsbDevices(usbTree(...plugged)),
    onChange(listen) {
      listeners.add(listen);
      return () => void listeners.delete(listen);
    },
    plug(...devices) {
      plugged = devices;
      for (const listen of listeners) listen();
    },
  };
}

/** One simulated gateway with its network and a control plane, on a clock that stands still. */
export interface World {
  readonly clock: ManualClock;
  readonly network: OperatorNetwork;
  readonly modem: SimulatedModem;
  /** Known as `m2` where there are two; else it is not connected. */
  readonly second: SimulatedModem;
  readonly controlPlane: FakeControlPlane;
  readonly agent: Agent;
  readonly store: AgentPorts['store'];
  readonly logged: { readonly event: LogEvent; readonly fields: object }[];
  /** An agent over the same flash, modem and control plane: what a restart of the process gives. */
  again(options?: { readonly bootId?: string }): Agent;
  /** Writes to flash so far. */
  writes(): number;
  /** Lets every write fail, as a worn-out flash does, or mends it. */
  breakFlash(broken: boolean): void;
  /** Stops an agent while time goes on: hanging up PPP keeps guard times. */
  halt(agent?: Agent): Promise<void>;
}

export function rule(apn: string, over: Partial<TargetRule> = {}): TargetRule {
  return {
    name: `rule ${apn}`,
    level: 'fleet',
    when: {},
    profileRef: `${apn}@1`,
    profile: { apn, ipType: 'ipv4', auth: 'none', dataMode: 'auto', roaming: false },
    ...over,
  };
}

export const documentOf = (...rules: TargetRule[]): TargetDocument => ({
  salt: 'salt-salt-salt-salt',
  policy: { id: 'p1', version: 1 },
  rules,
});

function testNetwork(unknownAccessPoint: 'refuse' | 'default'): OperatorNetwork {
  return createOperatorNetwork({
    unknownAccessPoint,
    plmn: '00101',
    name: 'Polder Mobile',
    rats: ['nr-sa', 'lte', 'lte-m', 'nb-iot', 'umts'],
    accessPoints: [
      { name: 'fleet.north', ipTypes: ['ipv4'] },
      { name: 'fleet.south', ipTypes: ['ipv4'] },
      { name: 'fleet.secret', ipTypes: ['ipv4'], auth: { username: 'gate', password: 'keep' } },
      { name: 'fleet.other', ipTypes: ['ipv4'], subscribers: ['001010000000099'] },
    ],
  });
}

export function createWorld(options: WorldOptions = {}): World {
  const clock = manualClock();
  const network = testNetwork(options.unknownAccessPoint ?? 'refuse');
  const modem = createSimulatedModem({
    model: options.model ?? 'ec200a',
    imei: '490154203237518',
    network,
    sim: options.sim ?? simulatedSim({ iccid, imsi }),
    ...(options.otherSim ? { secondSim: options.otherSim } : {}),
    clock,
    random: seededRandom(7),
    contexts: { 1: { type: 'IP', accessPoint: 'fleet.north' } },
    start: options.start ?? 'running',
  });
  const second = createSimulatedModem({
    model: 'ec25',
    imei: '490154203237526',
    network,
    sim: simulatedSim({ iccid: secondIccid, imsi: secondImsi }),
    clock,
    random: seededRandom(8),
    contexts: { 1: { type: 'IP', accessPoint: 'fleet.north' } },
    start: 'running',
  });
  const controlPlane = new FakeControlPlane();
  const flash = options.store ?? memoryStore();
  let writes = 0;
  let broken = false;
  const writing = (write: () => Promise<void>): Promise<void> => {
    writes += 1;
    return broken ? Promise.reject(new Fault('journal.unwritable', 'worn out')) : write();
  };
  const store: AgentPorts['store'] = {
    read: (name) => flash.read(name),
    setAside: (name) => flash.setAside(name),
    write(name, text) {
      writes += 1;
      if (broken) return Promise.reject(new Fault('store.write-failed', 'worn out'));
      return flash.write(name, text);
    },
    journal: {
      reserve: () => writing(() => flash.journal.reserve()),
      read: () => flash.journal.read(),
      write: (body) => writing(() => flash.journal.write(body)),
    },
  };
  const logged: { event: LogEvent; fields: object }[] = [];
  const note = (event: LogEvent, fields: object = {}) => void logged.push({ event, fields });
  const ids = seededIds();
  const { broken: breaks = {} } = options;
  const open = (ports: AgentPorts): OpenModem => {
    const opener = driverOpener(ports);
    return async (config, place) => {
      const opened = await opener(config, place);
      return opened.ok && breaks.driver ? { ok: true, value: breaks.driver(opened.value) } : opened;
    };
  };
  const assembled = (parts: { readonly config: AgentConfig; readonly ports: AgentPorts }) =>
    assembleAgent({ ...parts, openModem: open(parts.ports) });
  const again = ({ bootId = 'boot-1' }: { readonly bootId?: string } = {}) =>
    assembled({
      config: agentConfigSchema.parse({
        controlPlane: { url: 'http://fleet.test' },
        claimToken: 'claim-token-1',
        modems: [
          { id: 'm1', atPort: '/dev/sim-at', pppPort: '/dev/sim-ppp' },
          ...(options.twoModems ? [{ id: 'm2', atPort: '/dev/sim2-at', pppPort: '/dev/sim2-ppp' }] : []),
        ],
        ...options.config,
      }),
      ports: {
        serialPorts: simulatedSerialPorts(
          new Map([
            ['/dev/sim-at', { modem, role: 'at' }],
            ['/dev/sim-ppp', { modem, role: 'ppp' }],
            ['/dev/sim2-at', { modem: second, role: 'at' }],
            ['/dev/sim2-ppp', { modem: second, role: 'ppp' }],
            [usbPorts.at, { modem, role: 'at' }],
            [usbPorts.ppp, { modem, role: 'ppp' }],
          ] as const),
        ),
        transport: breaks.transport?.(controlPlane.transport) ?? controlPlane.transport,
        enrolment: controlPlane.enrolment,
        store,
        vault: nodeVault,
        ids,
        clock,
        random: seededRandom(11),
        log: { info: note, warn: note, error: note },
        hostFacts: { bootId: breaks.bootId?.(bootId) ?? bootId, boardSerial: 'board-1', uptimeS: () => clock.monotonicMs() / 1_000 },
        ...(options.usb ? { usb: options.usb } : {}),
        ...(options.host ? { host: options.host } : {}),
        ...(options.conditions ? { conditions: options.conditions } : {}),
        ...(options.reboot ? { reboot: options.reboot } : {}),
      },
    });
  const agent = again();
  const halt = async (which = agent) => {
    const stopped = which.stop();
    await clock.advance(30_000);
    await stopped;
  };
  return {
    clock,
    network,
    modem,
    second,
    controlPlane,
    agent,
    store,
    logged,
    again,
    halt,
    writes: () => writes,
    breakFlash: (now) => void (broken = now),
  };
}

function seededIds(): AgentPorts['ids'] {
  let count = 0;
  const next = (width: number) => (count += 1).toString(36).padStart(width, '0');
  return { secret: () => `secret-${next(36)}`, nonce: () => next(16), epoch: () => next(8) };
}
