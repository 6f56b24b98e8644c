import { systemClock } from '@towline/agent/node';
import { type Announce, isLaterVersion, type TargetDown, type TargetStatus } from '@towline/protocol';
import type { DeviceChange } from '../history/rollout-history.ts';
import { ChangeSession } from './change-session.ts';
import type { DeviceCredential } from './enrol.ts';
import { LightDevice } from './light-device.ts';

const everyMs = 1000;
const keepaliveS = 5;
/** What a redial takes. */
const redialMs = 300;

/** A device without modem that does at once what its target says, asks whether that may stay, and keeps the log of its changes. */
export class ChangingDevice {
  readonly light: LightDevice;
  readonly changes: DeviceChange[] = [];
  readonly #credential: DeviceCredential;
  #target: TargetDown | null = null;
  #session: ChangeSession | null = null;

  constructor(credential: DeviceCredential) {
    this.#credential = credential;
    const held = () => this.#target?.version ?? null;
    this.light = new LightDevice(credential, { everyMs, keepaliveS, held, onTarget: (target) => this.#take(target) });
  }

  /** It is where its newest target wants it. */
  get isAtRest(): boolean {
    return this.#session === null && this.changes.every(({ untilMs }) => untilMs !== null);
  }

  async stop(): Promise<void> {
    this.#session?.close();
    await this.light.stop();
  }

  #take(target: TargetDown): void {
    const { version, document } = target;
    if (!isLaterVersion(version, this.#target?.version ?? null)) return;
    this.#target = target;
    this.#session?.close();
    this.#session = null;
    const policy = `${document.policy.id}@${document.policy.version}`;
    const name = `${version.epoch}.${version.number}`;
    const change: DeviceChange = { device: this.light.id, target: name, policy, fromMs: systemClock.wallMs(), untilMs: null };
    this.changes.push(change);
    this.#say(target, 'applying');
    systemClock.schedule(redialMs, () => this.#announce(target, change));
  }

  #announce(target: TargetDown, change: DeviceChange): void {
    const [rule] = target.document.rules;
    if (this.#target !== target || !rule) return;
    const { version, digest } = target;
    const { profileRef, profile } = rule;
    const bearer: Announce['bearer'] = { requestedApn: profile.apn, apn: profile.apn, ipType: 'ipv4', dataMode: 'ecm', addresses: [] };
    const transaction = `change-${version.epoch}-${version.number}`;
    const announce = { transaction, version, digest, modem: 'main', iccid: '8988', profileRef, bearer, pinned: true };
    this.#session = new ChangeSession(this.#credential, announce, () => {
      this.#session = null;
      change.untilMs = systemClock.wallMs();
      this.#say(target, 'applied');
    });
  }

  #say({ version, digest }: TargetDown, status: TargetStatus['status']): void {
    this.light.report('state', { held: { target: version }, target: { version, digest, status }, uptimeS: 60, modems: [] });
  }
}
