import type { Clock, Log, Random } from '@towline/kit';
import type { DataMode, Model, ModemNotice, StoredAuth } from '@towline/modem';
import type { Abilities, JobOrder } from '@towline/protocol';
import type { ModemConfig } from '../config/agent-config.ts';
import { abilitiesOf } from '../core/abilities.ts';
import type { Decision, Situation } from '../core/decision.ts';
import { bearerMode } from '../core/dial-mode.ts';
import {
  freshMemory,
  isReturning,
  type Looked,
  type ModemMemory,
  rememberDialOrder,
  rememberHold,
  rememberLook,
  rememberStep,
  rememberTarget,
} from '../core/memory.ts';
import type { ChangeView } from '../core/modem-state.ts';
import { type ObservedModem, unseenModem } from '../core/observed.ts';
import { type BegunOrder, type OrderOutcome, orderedStep } from '../core/orders.ts';
import { plan } from '../core/plan.ts';
import { matchingRule, pinForSim, type RoamingMemory, rememberRoaming, unknownRoaming } from '../core/resolve.ts';
import { fingerprintOf } from '../core/stages/bearer-stage.ts';
import { currentMode } from '../core/stages/ready.ts';
import type { Step } from '../core/step.ts';
import { reachOf } from '../core/transaction/standing.ts';
import { attachmentOf, type ModemPlace, modelOf } from '../core/usb/modem-place.ts';
import { askModem } from './ask-modem.ts';
import { type Cause, createBell } from './bell.ts';
import { ModemAim, type ModemAimNeeds } from './change/modem-aim.ts';
import { CurrentOrder } from './current-order.ts';
import { executeStep } from './executors.ts';
import { HostSide, type ModemHost } from './host-side.ts';
import { type LookMeans, lookAtModem } from './look.ts';
import { ModemHandle, type OpenModem, portFailure, reading } from './modem-handle.ts';
import type { PinJournal } from './pin-journal.ts';
import type { LogEvent } from './ports.ts';
import { type HostRungStep, isHostRung, type Recovery } from './recovery.ts';
import type { StepResult } from './step-result.ts';

/** What the loop found and concluded; told after every look. */
export interface ModemView {
  readonly observed: ObservedModem;
  readonly decision: Decision;
  readonly change: ChangeView;
  /** Null while the modem is not known. */
  readonly abilities: Abilities | null;
}

export interface ModemLoopNeeds {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log<LogEvent>;
  readonly openModem: OpenModem;
  readonly place: () => ModemPlace;
  /** Null where the host has no tools for a data connection. */
  readonly host: ModemHost | null;
  readonly recovery: Recovery;
  readonly pins: PinJournal;
  readonly aim: ModemAimNeeds;
  readonly digest: (text: string) => string;
  readonly pinHash: (pin: string) => string;
  readonly onView: (view: ModemView) => void;
  readonly onNotice: (notice: ModemNotice) => void;
}

interface Decided extends ModemView {
  /** The change aims at something else since. */
  readonly turned: boolean;
  /** It was of a modem that is being brought to something new. */
  readonly wasChanging: boolean;
}

/** What a look saw in the middle of a change, and when the next is due at the latest. */
interface Standing {
  readonly observed: ObservedModem;
  readonly untilMs: number;
}

const gone: StepResult = { ok: false, failure: { code: 'at.port-closed', evidence: ['the port is not open'] } };

/** Looks in a row that each led to steps: more than any modem needs to come up, so the loop takes a breath. */
const maxPassesWithoutWait = 12;
const breathMs = 5_000;

/** Keeps one modem where the target wants it: looks, plans, acts, looks again. One thing at a time. */
export class ModemLoop {
  readonly config: ModemConfig;
  private readonly needs: ModemLoopNeeds;
  private readonly handle: ModemHandle;
  private readonly hostSide: HostSide;
  private readonly bell;
  private memory: ModemMemory = freshMemory;
  private roaming: RoamingMemory = unknownRoaming;
  private observed: ObservedModem;
  private dropped: Looked['dropped'] = null;
  private readonly order = new CurrentOrder();
  /** Null: no change is waited for, or something was done to the modem since. */
  private standing: Standing | null = null;
  private readonly aim: ModemAim;
  private stopped = false;

  constructor(config: ModemConfig, needs: ModemLoopNeeds) {
    this.config = config;
    this.needs = needs;
    this.bell = createBell(needs.clock);
    this.observed = unseenModem(config.id);
    this.aim = new ModemAim(config.id, needs.aim);
    const listen = (notice: ModemNotice) => {
      needs.onNotice(notice);
      if (notice.kind === 'interface-made') void this.hostSide.prepare(notice.interface);
      if (notice.kind === 'bearer-down') this.dropped = { code: notice.code ?? 'bearer.no-carrier', evidence: [notice.evidence] };
      this.bell.ring(notice.kind === 'registration' ? 'registration' : 'other');
    };
    this.handle = new ModemHandle(config, { open: needs.openModem, place: () => this.place(), listen });
    this.hostSide = new HostSide(needs.host, () => this.handle.lastPlace(), needs.clock);
  }

  /** Runs until `stop`. */
  async run(): Promise<void> {
    let passes = 0;
    while (!this.stopped) {
      const causes = this.bell.causes();
      await this.order.begin(this.needs.clock.monotonicMs(), (order) => this.ownPart(order));
      const standing = this.seenAlready(causes);
      this.standing = null;
      const view = await this.decide(standing?.observed ?? (await this.look()));
      const { observed, decision, turned, wasChanging } = view;
      if (this.stopped) break;
      this.settleOrder(view);
      // What was just decided was for the configuration before; and what is done to a modem follows a look at it.
      if (turned || (standing && decision.next.kind === 'steps')) continue;
      passes = decision.next.kind === 'steps' ? passes + 1 : 0;
      if (decision.next.kind === 'steps') await this.act(decision, decision.next.steps);
      else {
        const untilMs = Math.min(decision.next.untilMs, this.aim.wakeAtMs(), standing?.untilMs ?? Number.POSITIVE_INFINITY);
        this.standing = wasChanging ? { observed, untilMs } : null;
        await this.bell.wait(untilMs);
      }
      if (passes < maxPassesWithoutWait) continue;
      passes = 0;
      this.needs.log.warn('reconcile.spinning', { modem: this.config.id });
      await this.bell.wait(this.needs.clock.monotonicMs() + breathMs);
    }
    await this.handle.release();
  }

  stop(): void {
    this.stopped = true;
    // A scan would hold the port for minutes.
    if (this.order.kind() === 'scan') void this.handle.release();
    this.order.drop();
    this.bell.ring('other');
  }

  /** Somebody wants this modem looked at, dialled and told of now, whatever it was waiting for. */
  tryNow(): void {
    this.memory = rememberDialOrder(this.memory);
    this.handle.forget();
    this.bell.ring('other');
  }

  /** Another target is held. */
  retarget(): void {
    this.memory = rememberTarget(this.memory);
    this.bell.ring('other');
  }

  /** A change turned or ended. */
  changeTurned(): void {
    this.bell.ring('change');
  }

  /** Modems came or went, perhaps this one. */
  placesChanged(): void {
    this.bell.ring('other');
  }

  /** The modem's driver while it is open, for reading alone. */
  get openHandle(): ModemHandle {
    return this.handle;
  }

  /** Octets over the interface of the bearer; null where the host has none of this modem. */
  async traffic(): Promise<{ readonly rxBytes: number; readonly txBytes: number } | null> {
    const { host } = this.observed;
    return host && this.hostSide.counters(host.interface);
  }

  /** Carries out an order. */
  carryOut(order: JobOrder): Promise<OrderOutcome> {
    const outcome = this.order.take(order);
    this.bell.ring('other');
    return outcome;
  }

  /** Takes back an order that only waits for the loop. */
  cancelOrder(): void {
    if (this.order.kind() === 'dial') this.order.settle({ state: 'cancelled', fault: null, result: null });
  }

  private async dialNow(): Promise<void> {
    this.memory = rememberDialOrder(this.memory);
    await this.aim.dialNow();
  }

  private async ownPart(order: JobOrder): Promise<Pick<BegunOrder, 'failure' | 'answer'>> {
    if (order.kind === 'dial') await this.dialNow();
    if (order.kind === 'refresh') this.handle.forget();
    if (order.kind === 'scan' || order.kind === 'ask-modem') return askModem(this.handle.current(), order);
    if (order.kind === 'switch-mode') return { failure: this.insistOn(order.dataMode) };
    return { failure: await this.ownStep(order) };
  }

  private insistOn(mode: DataMode): BegunOrder['failure'] {
    const fixed = this.aim.insist(mode, this.observed);
    return fixed && { code: 'job.mode-fixed', evidence: [`the rule says ${fixed}`] };
  }

  private async ownStep(order: JobOrder): Promise<BegunOrder['failure']> {
    const model = this.handle.current()?.model ?? null;
    const step = orderedStep(order, { model, mode: this.bearerModeOf(this.observed, model) });
    if (!step) return null;
    const nowMs = this.needs.clock.monotonicMs();
    if (order.kind === 'hang-up') this.memory = rememberHold(this.memory, nowMs + order.redialAfterS * 1_000);
    const result = await this.execute(step, null);
    return result.ok ? null : { code: result.failure.code, evidence: [...result.failure.evidence] };
  }

  private bearerModeOf(observed: ObservedModem, model: Model | null) {
    const target = this.aim.target();
    const wanted = (target && matchingRule(target, observed)?.profile.dataMode) ?? 'auto';
    const current = currentMode(observed);
    const { offeredModes: offered } = observed;
    return model ? bearerMode({ wanted, current, offered, model, means: this.hostSide.means() }) : (current ?? 'ppp');
  }

  /** A modem that restarts is left alone until it is back: see `isReturning`. */
  private place(): ModemPlace {
    const place = this.needs.place();
    return isReturning(this.memory, place, this.needs.clock.monotonicMs()) ? { kind: 'unplugged' } : place;
  }

  private situation(observed: ObservedModem): Situation {
    const { needs, memory, handle } = this;
    return {
      observed,
      model: handle.current()?.model ?? modelOf(handle.lastPlace()),
      means: this.hostSide.means(),
      host: this.hostSide.plan(),
      recovery: needs.recovery.means(handle.lastPlace(), {
        sessionHeardMs: this.hostSide.sessionHeardMs(),
        isSettled: !this.aim.isChanging(),
      }),
      target: this.aim.target(),
      simSlot: this.aim.slot(),
      memory,
      pinTries: needs.pins.tries(),
      nowMs: needs.clock.monotonicMs(),
      digest: needs.digest,
      pinHash: needs.pinHash,
    };
  }

  /** What was seen, with roaming as rules see it. */
  private withRoaming(seen: ObservedModem): ObservedModem {
    const holdMs = (this.aim.target()?.roamingHoldS ?? 0) * 1_000;
    this.roaming = rememberRoaming(this.roaming, seen, { nowMs: this.needs.clock.monotonicMs(), holdMs });
    return { ...seen, steadyRoaming: this.roaming.settled };
  }

  /**
   * What the last look saw, where that is enough: the change that it proved was confirmed since, and nothing else was told or done. Whatever a lost
   * bearer or another card rings for is looked at, and the look that was due by then is not put off.
   */
  private seenAlready(causes: ReadonlySet<Cause>): Standing | null {
    const { standing } = this;
    const isChangeAlone = causes.size === 1 && causes.has('change');
    return standing && isChangeAlone && !this.aim.isOpen() && this.needs.clock.monotonicMs() < standing.untilMs ? standing : null;
  }

  private async look(): Promise<ObservedModem> {
    const means: LookMeans = {
      handle: this.handle,
      names: (field) => this.aim.names(field),
      modeOf: (seen, driver) => this.bearerModeOf(this.withRoaming(seen), driver.model),
      observeHost: (name) => this.hostSide.observe(name),
      asksRegistration: () => this.bell.answer('registration'),
    };
    const observed = this.withRoaming(await lookAtModem(this.config.id, means));
    await this.hostSide.leave();
    return observed;
  }

  private async decide(observed: ObservedModem): Promise<Decided> {
    const { handle, needs } = this;
    const sighting = { situation: () => this.situation(observed), storedAuth: () => this.storedAuth() };
    if (await this.aim.take(sighting)) this.memory = rememberTarget(this.memory);
    const first = plan(this.situation(observed));
    const at = { nowMs: needs.clock.monotonicMs(), draw: needs.random.next(), dropped: this.dropped };
    this.dropped = null;
    this.memory = rememberLook(this.memory, observed, { ...at, verified: first.connection === 'verified' });
    // Planned with what this very look added: since when something lasts decides whether it lasts too long.
    const decision = plan(this.situation(observed));
    this.observed = observed;
    needs.log.info('modem.decided', {
      modem: this.config.id,
      connection: decision.connection,
      next: decision.next.kind,
      fault: decision.fault?.code,
    });
    const abilities = abilitiesOf(observed, handle.current()?.model ?? null, this.hostSide.means());
    const viewNow = (): ModemView => ({ observed, decision, change: this.aim.view(), abilities });
    const wasChanging = this.aim.isChanging();
    // A change that this look proves is announced at once, with the bearer of this view: one look earlier it was another, or none.
    if (wasChanging) needs.onView(viewNow());
    const turned = await this.aim.looked(decision, reachOf(this.situation(observed)));
    const view = viewNow();
    needs.onView(view);
    return { ...view, turned, wasChanging };
  }

  private async storedAuth(): Promise<StoredAuth | null> {
    const driver = this.handle.current();
    const read = driver && (await reading(() => driver.readAuth(driver.model.attachContext)));
    return read?.ok ? read.value : null;
  }

  /** Does the steps of one decision, up to the first that fails. A change that they belong to is in the journal already. */
  private async act(decision: Decision, steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      if (this.stopped) return;
      const result = await this.execute(step, decision);
      if (!result.ok) return;
    }
  }

  private async execute(step: Step, decision: Decision | null): Promise<StepResult> {
    const { needs, handle } = this;
    const target = this.aim.target();
    const rule = decision?.rule ?? null;
    const pin = target && pinForSim(target, this.observed);
    const driver = handle.current();
    const host = this.hostSide.executors(this.memory.probed);
    if (isHostRung(step)) return this.climb(step, decision);
    if (step.kind === 'restore-at-port') return this.remembered(step, decision, (await host?.restoreAtPort(step)) ?? gone);
    if (step.kind === 'bind-drivers') return this.remembered(step, decision, (await host?.bind(step)) ?? gone);
    const tools = { handle, pins: needs.pins, rule, pin, host };
    // Where no port is open there is nothing to let go of.
    const without: StepResult = step.kind === 'reopen-port' ? { ok: true } : gone;
    // Each may take the interface up.
    if (step.kind === 'dial' || step.kind === 'lease-address') await this.hostSide.prepare();
    const result = driver ? await this.attempt(() => executeStep(step, { ...tools, driver })) : without;
    return this.remembered(step, decision, result);
  }

  /** Its ports go away under us: who held them open would keep their names from those that come back. */
  private async climb(step: HostRungStep, decision: Decision | null): Promise<StepResult> {
    await this.handle.release();
    return this.remembered(step, decision, await this.needs.recovery.carryOut(step));
  }

  private remembered(step: Step, decision: Decision | null, result: StepResult): StepResult {
    const { needs, handle, config } = this;
    const isDialled = step.kind === 'dial' && decision?.rule && decision.mode;
    const fingerprint = isDialled ? fingerprintOf(decision.rule.profile, decision.mode, needs.digest) : null;
    const failure = result.ok ? null : result.failure;
    const at = { nowMs: needs.clock.monotonicMs(), draw: needs.random.next() };
    const { learned } = result;
    const attachment = attachmentOf(handle.lastPlace());
    this.memory = rememberStep(this.memory, { step, failure, fingerprint, attachment, ...at, ...(learned ? { learned } : {}) });
    if (failure)
      needs.log.warn('modem.trouble', {
        modem: config.id,
        step: step.kind,
        code: failure.code,
        evidence: failure.evidence.slice(0, 4).join('; '),
      });
    else needs.log.info('modem.step', { modem: config.id, step: step.kind });
    return result;
  }

  private async attempt(run: () => Promise<StepResult>): Promise<StepResult> {
    try {
      return await run();
    } catch (error) {
      await this.handle.release();
      return { ok: false, failure: portFailure(error) };
    }
  }

  private settleOrder(view: ModemView): void {
    const model = this.handle.current()?.model ?? null;
    const outcome = this.order.judged({ ...view, model, nowMs: this.needs.clock.monotonicMs() });
    if (!outcome) return;
    if (this.order.kind() === 'switch-mode' && outcome.state !== 'succeeded') this.aim.leaveModeOpen();
    this.order.settle(outcome);
  }
}
