import type { Clock, Random } from '@towline/kit';
import * as z from 'zod/mini';
import { compiled } from './compiled.ts';
import type { SqlClient, Transaction } from './database.ts';
import type { ControlPlaneLog } from './log.ts';
import { NotificationListener } from './notification-listener.ts';

const changeSchema = z.object({
  tenant: z.string(),
  kind: z.enum(['device', 'target', 'job', 'event', 'rollout']),
  /** Of the device, of the target's device, of the job, of the event. */
  id: z.string(),
  device: z.optional(z.string()),
});

/** Something that operators look at has changed: what it is now is read from its table. */
export type Change = z.infer<typeof changeSchema>;

const changesSchema = compiled(z.array(changeSchema));
const channel = 'towline_change';
/** Postgres refuses a notification of 8000 octets or more. */
const maxPayloadLength = 7000;

/** Payloads for `pg_notify('towline_change', …)`, each below the size that Postgres takes; a repeated change is told once. */
export function changePayloads(changes: readonly Change[]): string[] {
  const members = [...new Set(changes.map((change) => JSON.stringify(change)))];
  const payloads: string[] = [];
  let current = '';
  for (const member of members) {
    if (current && current.length + member.length > maxPayloadLength) {
      payloads.push(`[${current}]`);
      current = '';
    }
    current = current ? `${current},${member}` : member;
  }
  return current ? [...payloads, `[${current}]`] : payloads;
}

/** Tells every process of these changes when the transaction commits, and not at all when it doesn't. */
export async function announceChanges(tx: Transaction, changes: readonly Change[]): Promise<void> {
  const payloads = changePayloads(changes);
  if (payloads.length > 0) await tx.$executeRaw`select pg_notify(${channel}, payload) from unnest(${payloads}::text[]) as payload`;
}

/** The same for hand-made SQL: inside the transaction of `client`. */
export async function announceInSql(client: SqlClient, changes: readonly Change[]): Promise<void> {
  const payloads = changePayloads(changes);
  if (payloads.length === 0) return;
  const text = 'select pg_notify($1, payload) from unnest($2::text[]) as payload';
  await client.query({ name: 'changes-tell', text, values: [channel, payloads] });
}

export interface ChangeListener {
  readonly onChange: (change: Change) => void;
  /** The feed was cut and is back: changes in between are lost, so read anew what is shown. */
  readonly onGap: () => void;
}

/** Changes from every process of the control plane. */
export class ChangeFeed {
  readonly #listeners = new Set<ChangeListener>();
  readonly #source: NotificationListener;
  #wasListening = false;

  constructor(options: { url: string; clock: Clock; random: Random; log: ControlPlaneLog }) {
    this.#source = new NotificationListener({
      ...options,
      channel,
      onNotification: (payload) => this.#tell(payload),
      onListening: () => this.#resume(),
    });
  }

  start(): Promise<void> {
    return this.#source.start();
  }

  stop(): Promise<void> {
    return this.#source.stop();
  }

  /** @returns call it to end the subscription */
  subscribe(listener: ChangeListener): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  #tell(payload: string): void {
    // Most of the time nobody looks on, and a fleet that changes says a lot.
    if (this.#listeners.size === 0) return;
    const parsed = changesSchema.safeParse(parseJson(payload));
    if (!parsed.success) return;
    for (const change of parsed.data) for (const listener of this.#listeners) listener.onChange(change);
  }

  #resume(): void {
    if (this.#wasListening) for (const listener of this.#listeners) listener.onGap();
    this.#wasListening = true;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
