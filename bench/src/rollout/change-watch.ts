import type { Session, Transport } from '@towline/agent';
import { isLaterVersion, type TargetVersion } from '@towline/protocol';

export interface ChangeListener {
  /** The control plane answered the hello of a session. */
  welcomed(): void;
  /** A target that the device did not have. */
  target(): void;
  /** A target came once more, as QoS 1 and a report that was on its way before it may have it: nothing follows from it. */
  copy(): void;
  /** A device said that it applied its target, and the report is committed. */
  applied(): void;
}

/** The numbers that are asked for, found in the text: reading all of it once more would cost a gateway as much as a look at its modem. */
const versionPattern = /"version":\{"epoch":(\d+),"number":(\d+)\}/;
const sequencePattern = /"sequence":(\d+)/;
const throughPattern = /"through":(\d+)/;

const numbersIn = (payload: string, pattern: RegExp): number[] => (pattern.exec(payload) ?? []).slice(1).map(Number);

/** A gateway's transport with somebody looking on: when targets come, and when it is known of them that they are applied. */
export function watchChanges(inner: Transport, listener: ChangeListener): Transport {
  let isWelcomed = false;
  let isChanging = false;
  let held: TargetVersion | null = null;
  /** Sequence of the report that says so. */
  let applied: number | null = null;
  const take = (payload: string) => {
    const [epoch = 0, number = 0] = numbersIn(payload, versionPattern);
    const version = { epoch, number };
    if (!isLaterVersion(version, held)) return listener.copy();
    held = version;
    isChanging = true;
    listener.target();
  };
  const hear = (topic: string, payload: string) => {
    if (topic.endsWith('/target')) take(payload);
    if (!topic.endsWith('/ack')) return;
    if (!isWelcomed) listener.welcomed();
    isWelcomed = true;
    if (applied === null) return;
    const [through = 0] = numbersIn(payload, throughPattern);
    if (through < applied) return;
    applied = null;
    isChanging = false;
    listener.applied();
  };
  const speak = (topic: string, payload: string) => {
    if (!isChanging || applied !== null || !topic.endsWith('/state') || !payload.includes('"status":"applied"')) return;
    applied = numbersIn(payload, sequencePattern)[0] ?? null;
  };
  return {
    async connect(request) {
      const session = await inner.connect(request);
      session.onMessage(hear);
      return {
        publish(topic, payload) {
          speak(topic, payload);
          return session.publish(topic, payload);
        },
        subscribe: (filter) => session.subscribe(filter),
        onMessage: (listen) => session.onMessage(listen),
        onHeard: (listen) => session.onHeard(listen),
        onClose: (listen) => session.onClose(listen),
        close: () => session.close(),
      } satisfies Session;
    },
  };
}
