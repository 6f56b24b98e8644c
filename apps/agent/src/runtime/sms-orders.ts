import { type Cancel, type Clock, createExclusive, type Log, type Random } from '@towline/kit';
import type { ModemDriver, StoredMessage } from '@towline/modem';
import { type SmsOrderKind, smsOrderKey } from '@towline/protocol';
import { clockFloorMs } from '../core/clock-floor.ts';
import type { EventCode } from '../core/event-codes.ts';
import { judgeSms } from '../core/sms/judge-sms.ts';
import type { DeviceIdentity } from './device-identity.ts';
import type { Document } from './document.ts';
import { type ModemHandle, reading } from './modem-handle.ts';
import type { LogEvent, Vault } from './ports.ts';

/** A modem as far as short messages go. */
export interface SmsModem {
  readonly config: { readonly id: string };
  readonly openHandle: Pick<ModemHandle, 'current'>;
}

export interface SmsNeeds {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log<LogEvent>;
  readonly vault: Pick<Vault, 'digest' | 'mac'>;
  readonly document: Document<{ readonly counter: number }>;
  /** Null until the device is enrolled: before, nobody has a key. */
  readonly identity: () => DeviceIdentity | null;
  readonly senders: readonly string[];
  readonly modems: () => readonly SmsModem[];
  readonly carryOut: (order: SmsOrderKind) => Promise<void>;
  readonly tell: (code: EventCode, evidence: readonly string[], modem: string) => void;
}

/** A modem that was restarted has forgotten to tell of messages; they wait in its memory until this. */
const sweepMs = 5 * 60_000;
/** Readings of one memory in a row: each takes what one reply holds. */
const maxReadings = 16;
const maxWaiting = 32;

/** Orders by SMS, the way in when IP is gone. The inbox is the agent's then: what comes in is read and removed, so that it never fills up. */
export class SmsOrders {
  private readonly needs: SmsNeeds;
  private readonly turn = createExclusive(maxWaiting);
  private cancel: Cancel = () => {};
  private stopped = false;
  private floor: number | null = null;
  /** The driver that each modem was read by. */
  private readonly read = new Map<string, ModemDriver>();
  private readonly startedMs: number;

  constructor(needs: SmsNeeds) {
    this.needs = needs;
    this.startedMs = needs.clock.monotonicMs();
  }

  start(): void {
    void this.turn.run(() => this.counterFloor());
    this.sweepLater(this.needs.random.next() * 0.1);
  }

  stop(): void {
    this.stopped = true;
    this.cancel();
  }

  /** A modem has a SIM that is ready: one that was opened since the last time tells of nothing before its memory was read. */
  async opened(modem: string): Promise<void> {
    const driver = this.modemOf(modem)?.openHandle.current();
    if (!driver || !this.needs.identity() || this.read.get(modem) === driver) return;
    this.read.set(modem, driver);
    await this.arrived(modem);
  }

  /** A modem said that something came in. */
  async arrived(modem: string): Promise<void> {
    const found = this.modemOf(modem);
    if (found) await this.turn.run(() => this.empty(found));
  }

  private modemOf(modem: string): SmsModem | undefined {
    return this.needs.modems().find(({ config }) => config.id === modem);
  }

  private sweepLater(part: number): void {
    if (this.stopped) return;
    this.cancel = this.needs.clock.schedule(sweepMs * part, () => void this.sweep());
  }

  private async sweep(): Promise<void> {
    await this.turn.run(() => this.counterFloor());
    for (const modem of this.needs.modems()) await this.turn.run(() => this.empty(modem));
    this.sweepLater(0.9 + 0.2 * this.needs.random.next());
  }

  private async empty(modem: SmsModem): Promise<void> {
    const driver = modem.openHandle.current();
    if (!driver || !this.needs.identity()) return;
    for (let count = 0; count < maxReadings && !this.stopped; count += 1) {
      const read = await reading(() => driver.shortMessages.read());
      if (!read.ok || read.value.length === 0) return;
      for (const stored of read.value) {
        await this.handle(stored, modem.config.id);
        const removed = await reading(() => driver.shortMessages.remove(stored.index));
        if (!removed.ok) return;
      }
    }
  }

  /**
   * The counter of what was followed last. Without it on flash, on a new device and on one that lost it, the time at which this process started, by the clock
   * as it is set now: counters are no lower than the time at which they were given out, so whatever was sent before is old. Null: the clock was never set.
   */
  private async counterFloor(): Promise<number | null> {
    const { document, clock } = this.needs;
    this.floor ??= (await document.load())?.counter ?? null;
    if (this.floor !== null || clock.wallMs() < clockFloorMs) return this.floor;
    this.floor = Math.floor((clock.wallMs() - (clock.monotonicMs() - this.startedMs)) / 1_000);
    await document.save({ counter: this.floor });
    return this.floor;
  }

  /** The counter is on flash before the order is followed: a crash in between loses the order, which can be sent anew, and repeats none. */
  private async handle({ message }: StoredMessage, modem: string): Promise<void> {
    const { needs } = this;
    const identity = needs.identity();
    if (!message || !identity) return;
    const floor = await this.counterFloor();
    const key = smsOrderKey(needs.vault.digest(identity.secret));
    const deviceDigest = needs.vault.digest(identity.device);
    const mac = (body: string) => needs.vault.mac(key, body);
    const verdict = judgeSms(message, { deviceDigest, senders: needs.senders, floor, mac });
    if (verdict.kind === 'ignored') return needs.log.info('sms.ignored', { modem });
    if (verdict.kind === 'refused') return needs.tell('sms.refused', [verdict.code], modem);
    if (!(await needs.document.save({ counter: verdict.counter }))) return;
    this.floor = verdict.counter;
    needs.tell('sms.order', [verdict.order, String(verdict.counter)], modem);
    await needs.carryOut(verdict.order);
  }
}
