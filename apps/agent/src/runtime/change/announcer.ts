import { type BackoffPolicy, backoffDelayMs, createExclusive, faultCode, sleep } from '@towline/kit';
import { type Announce, changeAccount, channels, downTopic, upTopic } from '@towline/protocol';
import type { Errand, Transaction } from '../../core/transaction/transaction.ts';
import { createAlarm } from '../alarm.ts';
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
  /** The control plane was met. `pinned`: over a session that was bound to the bearer. */
  readonly met: (transaction: string, pinned: boolean) => void;
  readonly confirmed: (transaction: string, digest: string) => void;
}

/** The whole fleet may ask at once after an outage: up to all of each delay is left to chance. */
const askPolicy: BackoffPolicy = { baseMs: 2_000, factor: 2, maxMs: 300_000, jitter: 1 };
const connectTimeoutMs = 30_000;
const answerMs = 30_000;
/** A session that neither answers nor ends is ended. */
const sessionMs = 60_000;
const keepaliveS = 60;
/** One a modem, and those that still end. */
const maxErrands = 32;

/** Nobody reads why; left out, the platform makes an exception with its stack for each. */
const ended = 'ended';

interface Asking {
  readonly errand: Errand;
  readonly abort: AbortController;
}

interface Talk {
  readonly transaction: Transaction;
  readonly identity: DeviceIdentity;
  readonly said: Announcement;
  readonly signal: AbortSignal;
}

/** Holds the sessions of changes, each over its changed bearer: asks for the control plane's yes until it comes, or only meets it. */
export class Announcer {
  private readonly needs: AnnouncerNeeds;
  private readonly asking = new Map<string, Asking>();
  /** All sessions of changes have one name, and a second one would end the first: they take turns. */
  private readonly turn = createExclusive(maxErrands);

  constructor(needs: AnnouncerNeeds) {
    this.needs = needs;
  }

  /** Sees to it that this is what the transaction's session is for; null: that there is none. */
  follow(transaction: Transaction, errand: Errand | null): void {
    const { id } = transaction;
    if (this.asking.get(id)?.errand === errand) return;
    this.stop(id);
    if (!errand) return;
    const abort = new AbortController();
    this.asking.set(id, { errand, abort });
    void this.ask(transaction, errand, abort.signal);
  }

  /** Asks no more, of this transaction or of any. */
  stop(id?: string): void {
    for (const [name, { abort }] of this.asking) {
      if (id !== undefined && name !== id) continue;
      this.asking.delete(name);
      abort.abort(ended);
    }
  }

  private async ask(transaction: Transaction, errand: Errand, signal: AbortSignal): Promise<void> {
    const { clock, random, log } = this.needs.ports;
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      try {
        await this.turn.run(() => (signal.aborted ? Promise.resolve() : this.converse(transaction, errand, signal)));
      } catch (error) {
        log.warn('change.unanswered', { code: faultCode(error), attempt });
      }
      await sleep(clock, backoffDelayMs(askPolicy, attempt, random), signal);
    }
  }

  /** One session: one announce and the wait for its answer, or no more than the meeting. */
  private async converse(transaction: Transaction, errand: Errand, signal: AbortSignal): Promise<void> {
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
      signal,
    });
    const leave = () => void session.close();
    const cancelBound = ports.clock.schedule(sessionMs, leave);
    signal.addEventListener('abort', leave);
    try {
      if (signal.aborted) return;
      met(transaction.id, said.path !== null);
      if (errand === 'announce') await this.exchange(session, { transaction, identity, said, signal });
    } finally {
      cancelBound();
      signal.removeEventListener('abort', leave);
      await session.close();
    }
  }

  private async exchange(session: Session, talk: Talk): Promise<void> {
    const { clock, ids } = this.needs.ports;
    const { transaction, identity, signal } = talk;
    const nonce = ids.nonce();
    const alarm = createAlarm(clock);
    const end = () => alarm.wake();
    const cancels = [
      session.onClose(end),
      session.onMessage((_topic, payload) => {
        const confirm = channels.down.confirm.schema.safeParse(parseJson(payload)).data;
        if (confirm?.transaction !== transaction.id || confirm.nonce !== nonce || signal.aborted) return;
        this.needs.confirmed(transaction.id, confirm.digest);
        end();
      }),
    ];
    signal.addEventListener('abort', end);
    try {
      // One behind the other: a broker takes up what was subscribed to before it takes what comes after it.
      const announce = JSON.stringify(announceOf(talk, nonce));
      await Promise.all([session.subscribe(downTopic(identity, 'confirm')), session.publish(upTopic(identity, 'announce'), announce)]);
      await alarm.wait(clock.monotonicMs() + answerMs);
    } finally {
      signal.removeEventListener('abort', end);
      for (const cancel of cancels) cancel();
    }
  }
}

function announceOf({ transaction, said }: Talk, nonce: string): Announce {
  const { id, version, digest, modem, to } = transaction;
  const iccid = transaction.newIccid ?? transaction.iccid;
  const { bearer, path } = said;
  return { transaction: id, nonce, version, digest, modem, iccid, profileRef: to.profileRef, bearer, pinned: path !== null };
}

function parseJson(payload: string): unknown {
  try {
    return JSON.parse(payload);
  } catch {
    return null;
  }
}
