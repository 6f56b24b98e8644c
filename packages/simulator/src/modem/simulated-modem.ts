import { type Cancel, type Clock, Fault, type Random } from '@towline/kit';
import type { DataMode, SerialPort, SimSlot } from '@towline/modem';
import { characterOf } from '../characters/index.ts';
import type { LineTiming } from '../line/byte-line.ts';
import { Terminal, type TerminalHost } from '../line/terminal.ts';
import type { IpLink } from '../link/ip-link.ts';
import type { OperatorNetwork } from '../network/operator-network.ts';
import { createPppPeer } from '../ppp/ppp-peer.ts';
import { BearerLinks } from './bearer-links.ts';
import { type Behaviour, type BehaviourSet, createBehaviourSet } from './behaviour.ts';
import { factoryState } from './boot.ts';
import { type DataLink, dataLinkOf, linkReaches } from './data-link.ts';
import type { ModemControl } from './modem-control.ts';
import { ModemCore } from './modem-core.ts';
import type { DefinedContext, ModemState, NonVolatile, PortRole } from './modem-state.ts';
import { type CallModem, callNetwork } from './ppp-call.ts';
import { measureRadio, measureTemperature } from './radio.ts';
import { cardPowerUpMs } from './sim-slot.ts';
import { SimulatedPort } from './simulated-port.ts';
import type { SimulatedSim } from './simulated-sim.ts';
import type { World } from './world.ts';

export interface SimulatedModemOptions {
  /** Id of a model of @towline/modem: `ec200a`, `bg96`, … */
  readonly model: string;
  /** 15 digits. */
  readonly imei: string;
  readonly network: OperatorNetwork;
  readonly sim: SimulatedSim | null;
  /** The card in the second slot, of a modem that has two. */
  readonly secondSim?: SimulatedSim;
  readonly clock: Clock;
  readonly random: Random;
  readonly behaviours?: readonly Behaviour[];
  readonly timing?: LineTiming;
  /** Mean reception at its place, in dBm. */
  readonly meanRsrpDbm?: number;
  /** Data mode that it was set to before; without it the one of the factory. */
  readonly dataMode?: DataMode;
  /** Contexts that were stored before. */
  readonly contexts?: Readonly<Record<number, DefinedContext>>;
  /** Stored auto-dial (`AT+QNETDEVCTL=3`) found on it. */
  readonly autoDial?: number;
  /** Stored settings gone stale: each dial gets CME 32 until `AT&F`. */
  readonly staleSettings?: boolean;
  /** `running`: on and registered for long; `cold`: it was just switched on. */
  readonly start?: 'running' | 'cold';
  /** From a reset or power to the ports being back, where the time that this kind of modem takes is too long to wait for. */
  readonly reenumerateMs?: number;
  /** Its radio takes no time: neither commands that move it nor a search. For thousands in one process, of which each would wait for nothing else. */
  readonly hasInstantRadio?: boolean;
}

/** One modem, as a host sees it through its ports and its network interface. */
export interface SimulatedModem {
  readonly model: string;
  readonly imei: string;
  readonly network: OperatorNetwork;
  /** Whether the USB device is there; false while it restarts or is unplugged. */
  readonly present: boolean;
  /** A snapshot for tests: what the modem really has, whatever it says. */
  readonly state: ModemState;
  /** The card in the slot that is used. */
  readonly sim: SimulatedSim | null;
  /** Whether the device is there and its composition has this port. */
  hasPort(role: PortRole): boolean;
  /** @throws Fault `port.open-failed`: ENOENT while the device is away or its composition lacks the port, EBUSY while it is open. */
  openPort(role: PortRole, path?: string): SerialPort;
  /** Called when the device went away or came back. */
  onPresence(listen: (present: boolean) => void): Cancel;
  /** Begins a misbehaviour; the returned call ends it. */
  misbehave(behaviour: Behaviour): Cancel;
  /** The misbehaviours in force, for what is built around this modem. */
  readonly behaviours: Pick<BehaviourSet, 'find' | 'unconfigured'>;
  /** @param slot left out: the one that is used */
  insertSim(sim: SimulatedSim, slot?: SimSlot): void;
  removeSim(slot?: SimSlot): void;
  /** Moves it to where reception is another, in dBm. */
  setMeanRsrp(dbm: number): void;
  /** What the host's network interface has now. */
  dataLink(): DataLink | null;
  /** The packet side of the bearer that is active on a context, or null. It ends with that bearer, for good. */
  link(contextId: number): IpLink | null;
  /** Called when a bearer or a call began or ended: look at `state`, `dataLink` and `link` again. */
  onDataChange(listen: () => void): Cancel;
  /** For the peers of control protocols, which act on the same state as its AT commands. */
  readonly control: ModemControl;
  /** Whether packets over its link get to `host`. */
  reaches(host: string): boolean;
  unplug(): void;
  plugIn(): void;
  /** A reset from outside: power, USB. */
  restart(): void;
}

/** An answer is out before what it causes. */
const settleMs = 20;
const defaultTiming: LineTiming = { minDelayMs: 5, maxDelayMs: 60, chunks: 'odd' };

function storedState(options: SimulatedModemOptions): NonVolatile {
  const [factoryMode] = characterOf(options.model).dataModes.values();
  const factory = factoryState(options.dataMode ?? factoryMode ?? 'qmi');
  return {
    ...factory,
    contexts: new Map(Object.entries(options.contexts ?? {}).map(([id, context]) => [Number(id), context])),
    autoDial: options.autoDial ?? null,
    stale: options.staleSettings ?? false,
  };
}

class InProcessModem implements SimulatedModem {
  readonly model: string;
  readonly imei: string;
  readonly network: OperatorNetwork;
  readonly #options: SimulatedModemOptions;
  readonly #world: World;
  readonly #links: BearerLinks;
  readonly #core: ModemCore;
  readonly #host: TerminalHost;
  readonly #ports = new Map<PortRole, { port: SimulatedPort; terminal: Terminal }>();
  readonly #listeners = new Set<(present: boolean) => void>();
  readonly #dataListeners = new Set<() => void>();
  readonly #changeListeners = new Set<() => void>();
  readonly #cards: Map<SimSlot, SimulatedSim>;
  #slot: SimSlot;
  /** Until the card of the slot that was just chosen shows up; null: it has. */
  #powerUp: Cancel | null = null;
  #meanRsrp: number;
  #unlisten: Cancel | null = null;

  constructor(options: SimulatedModemOptions) {
    const { clock, random } = options;
    this.model = options.model;
    this.imei = options.imei;
    this.network = options.network;
    this.#options = options;
    this.#cards = new Map([
      ...(options.sim ? [[1, options.sim] as const] : []),
      ...(options.secondSim ? [[2, options.secondSim] as const] : []),
    ]);
    this.#slot = 1;
    this.#meanRsrp = options.meanRsrpDbm ?? -88;
    this.#world = this.#makeWorld(Math.floor(random.next() * 0x1_0000_0000));
    this.#links = new BearerLinks({
      network: options.network,
      behaviours: this.#world.behaviours,
      active: (contextId) => (this.#core.present ? this.#core.state.running.bearers.get(contextId) : undefined),
    });
    this.#core = new ModemCore(this.#world, clock, {
      events: {
        unsolicited: (line) => this.#ports.get('at')?.terminal.unsolicited(line),
        noCarrier: (role) => this.#ports.get(role)?.terminal.noCarrier(),
        presence: (present) => this.#presence(present),
        dataChanged: () => this.#dataChanged(),
        slotChosen: (slot) => this.#slotChosen(slot),
        changed: () => this.#changed(),
      },
      stored: storedState(options),
      cold: options.start === 'cold',
    });
    this.#host = this.#makeHost();
    this.#listenToNetwork();
  }

  get present(): boolean {
    return this.#core.present;
  }

  get state(): ModemState {
    return this.#core.state;
  }

  get sim(): SimulatedSim | null {
    return this.#cards.get(this.#slot) ?? null;
  }

  get behaviours(): BehaviourSet {
    return this.#world.behaviours;
  }

  hasPort(role: PortRole): boolean {
    return this.#core.hasPort(role);
  }

  get control(): ModemControl {
    const core = this.#core;
    return {
      get state() {
        return core.state;
      },
      world: this.#world,
      get hung() {
        return core.hung;
      },
      apply: (step) => core.apply(step),
      link: (contextId) => this.link(contextId),
      onChange: (listen) => {
        this.#changeListeners.add(listen);
        return () => {
          this.#changeListeners.delete(listen);
        };
      },
      onPresence: (listen) => this.onPresence(listen),
      schedule: (delayMs, run) => this.#options.clock.schedule(delayMs, run),
      restart: () => core.restart(),
    };
  }

  openPort(role: PortRole, path = `sim:${this.imei}/${role}`): SerialPort {
    if (!this.#core.hasPort(role)) throw openFailed(path, 'ENOENT');
    if (this.#ports.has(role)) throw openFailed(path, 'EBUSY');
    const terminal = new Terminal(role, this.#host, (bytes) => port.deliver(bytes));
    const port = new SimulatedPort(path, { write: (bytes) => terminal.receive(bytes), closed: () => this.#portClosed(role) });
    this.#ports.set(role, { port, terminal });
    return port;
  }

  onPresence(listen: (present: boolean) => void): Cancel {
    this.#listeners.add(listen);
    return () => {
      this.#listeners.delete(listen);
    };
  }

  misbehave(behaviour: Behaviour): Cancel {
    const remove = this.#world.behaviours.add(behaviour);
    this.#behaviourChanged(behaviour);
    return () => {
      remove();
      this.#behaviourChanged(behaviour);
    };
  }

  insertSim(sim: SimulatedSim, slot = this.#slot): void {
    this.#cards.set(slot, sim);
    if (slot === this.#slot) this.#cardChanged();
  }

  removeSim(slot = this.#slot): void {
    this.#cards.delete(slot);
    if (slot === this.#slot) this.#cardChanged();
  }

  setMeanRsrp(dbm: number): void {
    this.#meanRsrp = dbm;
  }

  dataLink(): DataLink | null {
    return this.#core.present ? dataLinkOf(this.#core.state, this.#world) : null;
  }

  link(contextId: number): IpLink | null {
    return this.#links.of(contextId);
  }

  onDataChange(listen: () => void): Cancel {
    this.#dataListeners.add(listen);
    return () => {
      this.#dataListeners.delete(listen);
    };
  }

  reaches(host: string): boolean {
    return linkReaches(this.dataLink(), this.network, host);
  }

  unplug(): void {
    this.#core.setPlugged(false);
  }

  plugIn(): void {
    this.#core.setPlugged(true);
  }

  restart(): void {
    this.#core.restart();
  }

  #makeWorld(seed: number): World {
    const { clock, model, imei, network, behaviours, reenumerateMs, hasInstantRadio } = this.#options;
    const own = { ...(reenumerateMs === undefined ? {} : { reenumerateMs }), ...(hasInstantRadio ? { registerMs: 0 } : {}) };
    const set = createBehaviourSet(behaviours ?? []);
    return {
      character: { ...characterOf(model), ...own },
      imei,
      seed,
      network,
      behaviours: set,
      sim: () => (set.find('sim-lost') || this.#powerUp ? null : this.sim),
      nowMs: () => clock.monotonicMs(),
      radio: () => measureRadio(seed, this.#meanRsrp, clock.monotonicMs()),
      temperature: () => measureTemperature(seed, clock.monotonicMs()),
    };
  }

  #makeHost(): TerminalHost {
    const { clock, random, timing, hasInstantRadio = false } = this.#options;
    const { behaviours, character } = this.#world;
    const execute: TerminalHost['execute'] = (role, line) => this.#core.execute(role, line);
    return {
      clock,
      random,
      timing: timing ?? defaultTiming,
      behaviours,
      hung: () => this.#core.hung,
      echo: (role) => this.#core.state.running.echo[role],
      settleMs: hasInstantRadio ? 0 : settleMs,
      execute: hasInstantRadio ? (role, line) => ({ ...execute(role, line), takesMs: 0 }) : execute,
      carryOut: (outcome) => this.#core.carryOut(outcome.effects),
      openCall: (role, send) => createPppPeer({ clock, random, behaviours, send, network: callNetwork(this.#callModem(), role) }),
      inCall: (role) => this.#core.state.running.pppCall?.role === role,
      chatter: () => character.chatter?.(this.#world) ?? null,
    };
  }

  #callModem(): CallModem {
    const core = this.#core;
    return {
      get state() {
        return core.state;
      },
      world: this.#world,
      apply: (step) => core.apply(step),
      link: (contextId) => this.link(contextId),
    };
  }

  #behaviourChanged(behaviour: Behaviour): void {
    if (behaviour.kind === 'debug-frames') for (const { terminal } of this.#ports.values()) terminal.makeNoise();
    if (behaviour.kind === 'sim-lost' || behaviour.kind === 'sim-busy') this.#core.cardChanged();
    if (behaviour.kind === 'denies-registration') this.#core.networkEvent({ kind: 'coverage' });
  }

  #listenToNetwork(): void {
    this.#unlisten?.();
    const { sim } = this;
    this.#unlisten = sim ? this.network.listen(sim.imsi, (event) => this.#core.networkEvent(event)) : null;
  }

  #cardChanged(): void {
    this.#listenToNetwork();
    this.#core.cardChanged();
  }

  /** The card that was used loses its power; that of this slot gets it. */
  #slotChosen(slot: SimSlot): void {
    this.#slot = slot;
    this.#powerUp?.();
    this.#powerUp = this.#options.clock.schedule(cardPowerUpMs, () => {
      this.#powerUp = null;
      this.#cardChanged();
    });
    this.#cardChanged();
  }

  #changed(): void {
    for (const listen of this.#changeListeners) listen();
  }

  #dataChanged(): void {
    this.#links.settle();
    for (const listen of this.#dataListeners) listen();
  }

  #presence(present: boolean): void {
    const open = [...this.#ports.values()];
    this.#ports.clear();
    for (const { port, terminal } of open) {
      terminal.close();
      port.fail('unplugged');
    }
    for (const listen of this.#listeners) listen(present);
  }

  /** The host let go of the port: DTR drops, which ends a call on it (`AT&D2`). */
  #portClosed(role: PortRole): void {
    this.#ports.get(role)?.terminal.close();
    this.#ports.delete(role);
    if (this.#core.state.running.pppCall?.role === role) this.#core.carryOut(this.#core.execute(role, 'ATH').effects);
  }
}

function openFailed(path: string, code: 'ENOENT' | 'EBUSY'): Fault {
  return new Fault('port.open-failed', `${path}: ${code}`, { cause: new Fault(code, code) });
}

/** @throws Fault `simulator.unknown-model` */
export function createSimulatedModem(options: SimulatedModemOptions): SimulatedModem {
  return new InProcessModem(options);
}
