import { type BackoffPolicy, backoffDelayMs, faultCode, sleep } from '@towline/kit';
import { type Announce, changeAccount, channels, downTopic, upTopic } from '@towline/protocol';
import type { Transaction } from '../../core/transaction/transaction.ts';
import type { DeviceIdentity } from '../device-identity.ts';
import type { AgentPorts, BearerPath, Session } from '../ports.ts';

/** What the announce says of the modem, and how it leaves the gateway. */
export interface Announcement {
  readonly bearer: Announce['bearer'];
  /** Null where the modem gives the host no network to bind a socket to; `none`: it gives one, and has no bearer now. */
  readonly path: BearerPath | 'none' | null;
}

export interface AnnouncerNeeds {
  readonly ports: Pick<AgentPorts, 'transport' | 'clock' | 'random' | 'ids' | 'log'>;
  /** Null until the device is enrolled. */
  readonly identity: () => DeviceIdentity | null;
  readonly announcement: (modem: string) => Announcement | null;
  /** The control plane was met over the bearer. */
  readonly met: (transaction: string) => void;
  readonly confirmed: (transaction: string, digest: string) => void;
}

/** The whole fleet may ask at once after an outage: up to all of each delay is left to chance. */
const askPolicy: BackoffPolicy = { baseMs: 2_000, factor: 2, maxMs: 300_000, jitter: 1 };
const connectTimeoutMs = 30_000;
const answerMs = 30_000;
const keepaliveS = 60;

/** Asks the control plane for its yes, on a session of its own over the changed bearer, until it comes or nobody wants it any more. */
export class Announcer {
  private readonly needs: AnnouncerNeeds;
  private asking: AbortController | null = null;

  constructor(needs: AnnouncerNeeds) {
    this.needs = needs;
  }

  start(transaction: Transaction): void {
    this.stop();
    const asking = new AbortController();
    this.asking = asking;
    void this.ask(transaction, asking.signal);
  }

  stop(): void {
    this.asking?.abort();
    this.asking = null;
  }

  private async ask(transaction: Transaction, signal: AbortSignal): Promise<void> {
    const { clock, random, log } = this.needs.ports;
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      try {
        await this.converse(transaction, signal);
      } catch (error) {
        log.warn('change.unanswered', { code: faultCode(error), attempt });
      }
      await sleep(clock, backoffDelayMs(askPolicy, attempt, random), signal);
    }
  }

  /** One session: one announce, and the wait for its answer. */
  private async converse(transaction: Transaction, signal: AbortSignal): Promise<void> {
    const { ports, identity: identityOf, announcement, met } = this.needs;
    const identity = identityOf();
    const said = announcement(transaction.modem);
    if (!identity || !said || said.path === 'none') return;
    const session = await ports.transport.connect({
      ...(said.path ? { path: said.path } : {}),
      url: identity.mqttUrl,
      clientId: changeAccount(identity.device),
      username: changeAccount(identity.device),
      password: identity.secret,
      keepaliveS,
      timeoutMs: connectTimeoutMs,
    });
    try {
      if (signal.aborted) return;
      // A session that was not bound to the bearer says nothing of it.
      if (said.path) met(transaction.id);
      await this.exchange(session, { transaction, identity, said, signal });
    } finally {
      await session.close();
    }
  }

  private async exchange(
    session: Session,
    {
      transaction,
      identity,
      said,
      signal,
    }: { transaction: Transaction; identity: DeviceIdentity; said: Announcement; signal: AbortSignal },
  ): Promise<void> {
    const { clock, ids } = this.needs.ports;
    const { id, version, digest, modem, iccid, to } = transaction;
    const nonce = ids.nonce();
    const answered = new AbortController();
    const end = () => answered.abort();
    session.onClose(end);
    session.onMessage((_topic, payload) => {
      const confirm = channels.down.confirm.schema.safeParse(parseJson(payload)).data;
      if (confirm?.transaction !== id || confirm.nonce !== nonce) return;
      this.needs.confirmed(id, confirm.digest);
      end();
    });
    signal.addEventListener('abort', end);
    try {
      await session.subscribe(downTopic(identity, 'confirm'));
      const bearer = said.bearer;
      const announce: Announce = {
        transaction: id,
        nonce,
        version,
        digest,
        modem,
        iccid,
        profileRef: to.profileRef,
        bearer,
        pinned: said.path !== null,
      };
      await session.publish(upTopic(identity, 'announce'), JSON.stringify(announce));
      await sleep(clock, answerMs, answered.signal);
    } finally {
      signal.removeEventListener('abort', end);
    }
  }
}

function parseJson(payload: string): unknown {
  try {
    return JSON.parse(payload);
  } catch {
    return null;
  }
}
