import {
  type Announce,
  channels,
  type DownChannel,
  isLaterVersion,
  type ReportChannel,
  type TargetDown,
  type TargetStatus,
  type UpChannel,
} from '@towline/protocol';
import type { UpMessage } from '../../broker/broker.ts';
import { systemClock } from '../../platform/clock.ts';
import { hello, tenant } from './edge-harness.ts';

/** The same name as often as it is said. */
export interface OwedMessage {
  readonly name: string;
  readonly message: UpMessage;
}

interface Report {
  readonly sequence: number;
  readonly channel: ReportChannel;
  readonly body: object;
}

const epoch = 'paper000';
/** Code of the events that it sends; their evidence names the report. */
export const markCode = 'test.mark';

/**
 * A device as an edge sees it: it keeps what it reported until that is acknowledged, changes to a target that is later than the one it
 * holds, asks whether the change may stay until it hears that it may, and then says that it is applied.
 */
export class PaperDevice {
  readonly id: string;
  /** Each change that it made. */
  readonly changes: TargetDown['version'][] = [];
  #held: Report[] = [];
  #sequence = 0;
  #target: TargetDown | null = null;
  #announce: Announce | null = null;
  #greeting: object | null;

  constructor(id: string) {
    this.id = id;
    this.#greeting = hello({ stream: { epoch, sequence: 0 } });
    this.#report('telemetry', { modem: '1-1', at: [systemClock.wallMs()], rsrpDbm: [-97] });
    this.#report('event', { events: [{ at: systemClock.wallMs(), code: markCode, severity: 'info', modem: null, evidence: ['2'] }] });
  }

  /** It has made its change, and all that it said was answered. */
  get isContent(): boolean {
    return this.#target !== null && this.owed.length === 0;
  }

  /** What it has to say, or has said and not had answered. */
  get owed(): OwedMessage[] {
    const base = this.#held[0]?.sequence ?? this.#sequence;
    const sentAt = systemClock.wallMs();
    const reports = this.#held.map(({ sequence, channel, body }) => ({
      name: String(sequence),
      channel,
      said: { epoch, sequence, base, sentAt, ...body },
    }));
    const hello = this.#greeting ? [{ name: 'hello', channel: 'hello' as const, said: this.#greeting }] : [];
    const announce = this.#announce ? [{ name: 'announce', channel: 'announce' as const, said: this.#announce }] : [];
    return [...hello, ...reports, ...announce].map(({ name, channel, said }) => ({ name, message: this.#message(channel, said) }));
  }

  hear(channel: DownChannel, payload: string): void {
    const message: unknown = JSON.parse(payload);
    if (channel === 'ack') this.#acknowledged(channels.down.ack.schema.parse(message));
    if (channel === 'target') this.#change(channels.down.target.schema.parse(message));
    if (channel === 'confirm') this.#confirmed(channels.down.confirm.schema.parse(message).transaction);
  }

  #acknowledged({ nonce, through }: { nonce?: string | undefined; through: number }): void {
    if (nonce !== undefined) this.#greeting = null;
    this.#held = this.#held.filter(({ sequence }) => sequence > through);
  }

  #change(target: TargetDown): void {
    if (!isLaterVersion(target.version, this.#target?.version ?? null)) return;
    const [rule] = target.document.rules;
    if (!rule) return;
    this.#target = target;
    this.changes.push(target.version);
    this.#reportStanding(target, 'applying');
    const { version, digest } = target;
    const bearer = {
      requestedApn: rule.profile.apn,
      apn: rule.profile.apn,
      ipType: rule.profile.ipType,
      dataMode: 'ecm' as const,
      addresses: [],
    };
    const transaction = `change-${version.epoch}-${version.number}`;
    const { profileRef } = rule;
    this.#announce = { transaction, nonce: 'nonce-0002', version, digest, modem: '1-1', iccid: '8988', profileRef, bearer, pinned: true };
  }

  #confirmed(transaction: string): void {
    if (this.#announce?.transaction !== transaction || !this.#target) return;
    this.#announce = null;
    this.#reportStanding(this.#target, 'applied');
  }

  #reportStanding({ version, digest }: TargetDown, status: TargetStatus['status']): void {
    this.#report('state', { held: { target: version }, target: { version, digest, status }, uptimeS: 60, modems: [] });
  }

  #report(channel: ReportChannel, body: object): void {
    this.#sequence += 1;
    this.#held.push({ sequence: this.#sequence, channel, body });
  }

  #message(channel: UpChannel, said: object): UpMessage {
    return { tenant, device: this.id, channel, payload: Buffer.from(JSON.stringify(said)) };
  }
}
