import { faultCode } from '@towline/kit';
import type { SmsOrderKind } from '@towline/protocol';
import type { AgentConfig, ModemConfig } from '../config/agent-config.ts';
import { maxSlots } from '../core/host-network/slot.ts';
import { modemState } from '../core/modem-state.ts';
import { agentVersion } from '../version.ts';
import { type Alarm, createAlarm } from './alarm.ts';
import { BearerPaths } from './bearer-paths.ts';
import { type Announcement, Announcer } from './change/announcer.ts';
import { ChangeKeeper } from './change/change-keeper.ts';
import type { ModemAimNeeds } from './change/modem-aim.ts';
import { preflight } from './change/preflight.ts';
import { type DeviceIdentity, enrolDevice } from './device-identity.ts';
import { endpointOf } from './endpoint.ts';
import { type Flash, openFlash } from './flash.ts';
import { loadTarget, type TargetHolder } from './held-target.ts';
import type { ModemHost } from './host-side.ts';
import { type JobRunner, loadJobRunner } from './job-runner.ts';
import { Link, type LinkListener } from './link.ts';
import type { OpenModem } from './modem-handle.ts';
import { ModemLoop, type ModemView } from './modem-loop.ts';
import { ModemLoops } from './modem-loops.ts';
import { ModemPlaces } from './modem-places.ts';
import { Narrator } from './narrator.ts';
import { driverOpener, meantModem } from './open-modem.ts';
import { loadPinJournal } from './pin-journal.ts';
import type { AgentPorts, Endpoint } from './ports.ts';
import { loadRebootBudget, type RebootBudget } from './reboot-budget.ts';
import { Recovery } from './recovery.ts';
import { Sampler } from './sampler.ts';
import { SmsOrders } from './sms-orders.ts';
import { StateReporter } from './state-reporter.ts';

/** One device's agent. */
export interface Agent {
  /** Reads what is on flash and begins; resolves once everything runs. The link comes up by itself, whenever it can. */
  start(): Promise<void>;
  /** Says goodbye and lets go of the ports. A bearer over PPP goes down with its port, others stay. A stopped agent is not started again: create another. */
  stop(): Promise<void>;
  /** What was found and concluded last, by modem. */
  views(): readonly ModemView[];
  /** Resolves with a code when a part of the agent ended by the unexpected: half an agent is none, so whoever runs it starts it anew. */
  readonly failed: Promise<string>;
}

export interface AgentParts {
  readonly config: AgentConfig;
  readonly ports: AgentPorts;
  readonly openModem: OpenModem;
}

class AssembledAgent implements Agent {
  private readonly parts: AgentParts;
  private readonly ended = new AbortController();
  private readonly seen = new Map<string, ModemView>();
  readonly failed: Promise<string>;
  private fail: (code: string) => void = () => {};
  private readonly paths = new BearerPaths();
  private readonly enrolAlarm: Alarm;
  private link: Link | null = null;
  private sms: SmsOrders | null = null;
  private identity: DeviceIdentity | null = null;
  /** Where probes look for the control plane. */
  private endpoint: Endpoint | null;
  private readonly running: Promise<void>[] = [];
  private release: () => Promise<void> = async () => {};

  constructor(parts: AgentParts) {
    this.parts = parts;
    this.enrolAlarm = createAlarm(parts.ports.clock);
    this.endpoint = endpointOf(parts.config.mqttUrl ?? parts.config.controlPlane.url);
    this.failed = new Promise((resolve) => {
      this.fail = resolve;
    });
  }

  views(): readonly ModemView[] {
    return [...this.seen.values()];
  }

  async start(): Promise<void> {
    const { config, ports } = this.parts;
    const flash = await openFlash(ports);
    const { reporter } = flash;
    const { clock, random, hostFacts } = ports;
    const pins = await loadPinJournal(flash.pinDocument);
    const states = new StateReporter({ clock, random, reporter, hostFacts }, { beatS: config.stateBeatS, held: () => target.current() });
    const narrator = new Narrator(reporter, (modem) => sampler.flush(modem));
    const target: TargetHolder = await loadTarget(
      { document: flash.targetDocument, reporter, log: ports.log, digest: (text) => ports.vault.digest(text) },
      () => {
        states.retarget();
        narrator.retarget();
        for (const loop of loops.all()) loop.retarget();
      },
    );
    const changes = this.changeKeeper(flash, () => {
      for (const loop of loops.all()) loop.changeTurned();
    });
    const reboots = await loadRebootBudget({
      terms: config.recovery.hostReboot ?? null,
      document: flash.hostRebootDocument,
      hostFacts,
      clock,
      heardMs: () => this.link?.lastHeardMs() ?? 0,
    });
    const wired = { flash, reboots, pins, target, states, narrator, changes, places: new ModemPlaces(ports.usb ?? null) };
    const loops = this.modemLoops(wired);
    const all = () => loops.all();
    const sampler = new Sampler({ clock, random, reporter, loops: all }, config.telemetry);
    const { bootId } = hostFacts;
    const jobsNeeds = { document: flash.jobsDocument, clock, log: ports.log, reporter, loops: all, changes, bootId };
    const jobs = await loadJobRunner({ ...jobsNeeds, reboot: ports.reboot ?? null });
    const sms = this.smsOrders(flash, { loops: all, states, changes });
    this.sms = sms;
    reporter.tell('agent.started', [`agent ${agentVersion}`]);
    await changes.start();
    states.start();
    sampler.start();
    sms?.start();
    this.release = async () => {
      const closing = changes.stop();
      states.stop();
      sampler.stop();
      sms?.stop();
      loops.stop();
      await closing;
    };
    loops.start();
    this.running.push(this.guarded(this.talk(flash, { target, states, jobs, changes })));
    ports.log.info('agent.started', { version: agentVersion, modems: loops.all().length, starts: flash.starts });
  }

  async stop(): Promise<void> {
    this.ended.abort();
    await this.release();
    await Promise.all(this.running);
    this.parts.ports.log.info('agent.stopped');
  }

  private modemLoops(wired: Wired): ModemLoops {
    const { config, ports } = this.parts;
    const { clock, random, usb = null } = ports;
    const { places } = wired;
    const loops: ModemLoops = new ModemLoops(config.modems, {
      clock,
      random,
      usb,
      places,
      create: (modem, slot) => this.modemLoop(modem, { ...wired, slot, count: () => loops.all().length }),
      started: (running) => void this.running.push(this.guarded(running)),
    });
    return loops;
  }

  private modemLoop(modem: ModemConfig, wired: Wired & { readonly slot: number; readonly count: () => number }): ModemLoop {
    const { ports, openModem } = this.parts;
    const { places } = wired;
    const { vault } = ports;
    const { secret } = wired.flash.identity;
    return new ModemLoop(modem, {
      clock: ports.clock,
      random: ports.random,
      log: ports.log,
      openModem: meantModem(openModem, places),
      place: () => places.placeOf(modem),
      host: this.modemHost(wired.slot),
      recovery: this.recovery(modem, wired),
      pins: wired.pins,
      aim: { held: () => wired.target.current(), changes: wired.changes, ...this.firstContact() },
      digest: (text) => vault.digest(text),
      // Salted by the device's own secret: a PIN has so few digits that a bare hash would tell it.
      pinHash: (pin) => vault.digest(`${secret}:${pin}`),
      onView: (view) => {
        this.seen.set(modem.id, view);
        if (view.observed.sim?.state === 'ready') void this.guarded(this.sms?.opened(modem.id) ?? Promise.resolve());
        wired.narrator.see(view);
        wired.states.see(view, wired.count());
        const turn = this.paths.see(wired.slot, view);
        if (turn) this.wayChanged(turn);
      },
      onNotice: (notice) => {
        if (notice.kind === 'short-message') void this.guarded(this.sms?.arrived(modem.id) ?? Promise.resolve());
        wired.narrator.notice(modem.id, notice);
      },
    });
  }

  /** What the configuration says to dial with before there is a target. */
  private firstContact(): Pick<ModemAimNeeds, 'bootstrap' | 'bootstrapPin' | 'needsBearer'> {
    const { bootstrap, mqttOver } = this.parts.config;
    const { pin = null, ...profile } = bootstrap ?? {};
    return { bootstrap: 'apn' in profile ? profile : null, bootstrapPin: pin, needsBearer: mqttOver === 'bearer' };
  }

  private recovery({ powerCommand }: ModemConfig, { flash, reboots, changes }: Wired): Recovery {
    const { clock, host = null } = this.parts.ports;
    const declareReboot = (declared: boolean) => changes.declareReboot(declared);
    return new Recovery({
      clock,
      host,
      powerCommand: powerCommand ?? null,
      reboots,
      declareReboot,
      settled: () => flash.reporter.settled(),
    });
  }

  /** Null where the configuration names nobody who may order. */
  private smsOrders(flash: Flash, parts: SmsParts): SmsOrders | null {
    const { config, ports } = this.parts;
    if (!config.sms) return null;
    const { clock, random, log, vault } = ports;
    return new SmsOrders({
      clock,
      random,
      log,
      vault,
      document: flash.smsDocument,
      identity: () => this.identity,
      senders: config.sms.senders,
      modems: parts.loops,
      carryOut: (order) => this.carryOutSms(order, parts),
      tell: (code, evidence, modem) => flash.reporter.tell(code, evidence, modem),
    });
  }

  private async carryOutSms(order: SmsOrderKind, { loops, states, changes }: SmsParts): Promise<void> {
    if (order === 'revert') return void (await changes.orderBack(['by SMS']));
    for (const loop of loops()) loop.tryNow();
    states.tellNow();
    this.wayChanged('came');
  }

  private changeKeeper(flash: Flash, turned: () => void): ChangeKeeper {
    const { ports } = this.parts;
    const { clock, random, ids, hostFacts } = ports;
    const inTouch = () => this.link?.isWelcomed() ?? false;
    const announcer = new Announcer({
      ports,
      identity: () => this.identity,
      announcement: (modem) => this.announcement(modem),
      met: (transaction, pinned) => keeper.meet(transaction, pinned),
      confirmed: (transaction, digest) => void this.guarded(keeper.confirm(transaction, digest)),
    });
    const keeper: ChangeKeeper = new ChangeKeeper({
      clock,
      random,
      journal: flash.changeJournal,
      document: flash.keepsakesDocument,
      announcer,
      bootId: hostFacts.bootId,
      transactionId: () => ids.epoch(),
      obstacleTo: (to) =>
        preflight(to, { clock, conditions: ports.conditions ?? null, brokerUrl: () => this.identity?.mqttUrl ?? null, inTouch }),
      inTouch,
      tell: (code, evidence, modem) => flash.reporter.tell(code, evidence, modem),
      turned,
    });
    return keeper;
  }

  private announcement(modem: string): Announcement | null {
    const view = this.seen.get(modem);
    const bearer = view && modemState(view.observed, view.decision, view.change).bearer;
    if (!bearer) return null;
    const { host, usb } = view.observed;
    const isNetworked = this.parts.ports.host !== undefined && usb !== null;
    return { bearer, path: isNetworked ? ((host && this.paths.of(host.interface)) ?? 'none') : null };
  }

  private modemHost(slot: number): ModemHost | null {
    const { config, ports } = this.parts;
    const { enabled, everyS, ping = null } = config.probes;
    if (!ports.host || slot >= maxSlots) return null;
    const sessionHeardMs = (name: string) => this.link?.heardOver(name) ?? null;
    return { ports: ports.host, slot, probeEveryMs: enabled ? everyS * 1_000 : null, ping, endpoint: () => this.endpoint, sessionHeardMs };
  }

  /** A bearer came or went. */
  private wayChanged(turn: 'came' | 'went'): void {
    if (this.link) this.link.wayChanged(turn);
    else if (this.paths.wayOf('bearer', 0) !== 'none') this.enrolAlarm.wake();
  }

  /** Enrols, then talks for ever. */
  private async talk(flash: Flash, parts: Conversation): Promise<void> {
    const { config, ports } = this.parts;
    const imeis = () => parts.states.imeis();
    const { mqttOver } = config;
    const way = (attempt: number) => this.paths.wayOf(mqttOver, attempt);
    const enrolling = { document: flash.identityDocument, config, ports, imeis, way, alarm: this.enrolAlarm };
    const identity = await enrolDevice(flash.identity, enrolling, this.ended.signal);
    if (!identity) return;
    this.identity = identity;
    this.endpoint = endpointOf(identity.mqttUrl);
    const ways = {
      of: way,
      mayStay: (bearer: string | null) => this.paths.mayStay(mqttOver, bearer),
    };
    const link = new Link(
      { ports, identity, reporter: flash.reporter, listener: this.listener(parts), ways },
      { agentVersion, keepaliveS: config.keepaliveS, starts: flash.starts },
    );
    this.link = link;
    await link.run(this.ended.signal);
    await flash.reporter.settled();
    flash.reporter.close();
  }

  private listener({ target, states, jobs, changes }: Conversation): LinkListener {
    const { hostFacts } = this.parts.ports;
    return {
      target: (message, tell) => void this.guarded(target.accept(message, tell)),
      job: (message) => jobs.receive(message),
      unknownJob: (id) => jobs.refuseUnknown(id),
      welcomed: ({ confirms }) => void this.guarded(changes.welcomed(confirms)),
      greeting: () => ({
        held: { target: target.current()?.version ?? null },
        fingerprint: { boardSerial: hostFacts.boardSerial, imeis: states.imeis().slice(0, 8) },
      }),
    };
  }

  /** The unexpected ends one part of the agent, never silently. */
  private async guarded(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      const code = faultCode(error);
      this.parts.ports.log.error('agent.fault', { code });
      this.fail(code);
    }
  }
}

interface Wired {
  readonly flash: Flash;
  readonly reboots: RebootBudget;
  readonly pins: Awaited<ReturnType<typeof loadPinJournal>>;
  readonly target: TargetHolder;
  readonly states: StateReporter;
  readonly narrator: Narrator;
  readonly places: ModemPlaces;
  readonly changes: ChangeKeeper;
}

interface SmsParts {
  readonly loops: () => readonly ModemLoop[];
  readonly states: StateReporter;
  readonly changes: ChangeKeeper;
}

interface Conversation {
  readonly target: TargetHolder;
  readonly states: StateReporter;
  readonly jobs: JobRunner;
  readonly changes: ChangeKeeper;
}

/** Puts an agent together over a driver of one's own; nothing runs before `start`. */
export function assembleAgent(parts: AgentParts): Agent {
  return new AssembledAgent(parts);
}

/**
 * Puts an agent together. Nothing is global, nothing runs before `start`, and all that it needs of the world comes in `ports`: thousands
 * of agents live in one process.
 */
export function createAgent({ config, ports }: Omit<AgentParts, 'openModem'>): Agent {
  return assembleAgent({ config, ports, openModem: driverOpener(ports) });
}
