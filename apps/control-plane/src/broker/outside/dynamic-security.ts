import { type Clock, createExclusive, type Exclusive, Fault, faultCode, type Random } from '@towline/kit';
import { changeAccount, type DeviceAddress, parseAccount } from '@towline/protocol';
import * as z from 'zod/mini';
import type { ControlPlaneLog } from '../../platform/log.ts';
import type { DeviceAccounts } from '../device-accounts.ts';
import { MqttConnection } from './mqtt-connection.ts';

export interface DynamicSecurityOptions {
  readonly url: string;
  /** Unique among processes: it also tells the answers to this one from those to others. */
  readonly clientId: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: ControlPlaneLog;
  /** Which of these devices have a credential that stands. */
  readonly standing: (devices: readonly string[]) => Promise<ReadonlySet<string>>;
}

/**
 * Mosquitto's dynamic security plugin: commands go to one topic, answers come on another, to every session that listens there:
 * those of other processes too, as 2.0.11 was seen to do. So each question is marked, and an answer is known by the mark.
 */
const commandTopic = '$CONTROL/dynamic-security/v1';
const answerTopic = `${commandTopic}/response`;
const answerTimeoutMs = 5000;
const maxWaiting = 200;
const pageSize = 500;
/** Each begins anew where the list moved meanwhile. */
const maxWalks = 5;

type Command = Readonly<Record<string, unknown>> & { readonly command: string };

const deletion = (username: string): Command => ({ command: 'deleteClient', username });

const answersSchema = z.object({
  responses: z.array(
    z.object({
      command: z.string(),
      correlationData: z.optional(z.string()),
      error: z.optional(z.string()),
      data: z.optional(z.object({ clients: z.optional(z.array(z.string())) })),
    }),
  ),
});
type Answers = z.infer<typeof answersSchema>['responses'];

/** Nothing is allowed but what the ACL file's patterns give; without this, every account could read every topic. */
const denyByDefault: Command = {
  command: 'setDefaultACLAccess',
  acls: [
    { acltype: 'publishClientSend', allow: false },
    { acltype: 'publishClientReceive', allow: false },
    { acltype: 'subscribe', allow: false },
    { acltype: 'unsubscribe', allow: true },
  ],
};

/** A device's own account and that of its changes. */
const accountsOf = (device: string): readonly string[] => [device, changeAccount(device)];

/**
 * Accounts of devices at a Mosquitto, kept by its dynamic security plugin: user name = client id = device id, and a second one for changes.
 * Bound to its client id, too: with a free one, Mosquitto would let whoever holds it end the session of any other device by its name.
 */
export class DynamicSecurity implements DeviceAccounts {
  readonly #options: DynamicSecurityOptions;
  readonly #turns: Exclusive = createExclusive(maxWaiting);
  /** Whether this process keeps the accounts in order, or only adds some. */
  #keeping = false;
  #connection: MqttConnection | null = null;
  #asked = 0;
  #onAnswers: ((answers: Answers) => void) | null = null;
  readonly #onReady = new Set<() => void>();

  constructor(options: DynamicSecurityOptions) {
    this.#options = options;
  }

  /** Connects; the first `grant` would do so too. Each time the broker is there, accounts without a device are taken away. */
  start(): void {
    this.#keeping = true;
    this.#connection ??= this.#connect();
  }

  /** @throws Fault `unavailable` when the broker doesn't answer in time or refuses */
  async grant({ device }: DeviceAddress, secret: string): Promise<void> {
    const names = accountsOf(device);
    const made = await this.#ask(names.map((name) => ({ command: 'createClient', username: name, clientid: name, password: secret })));
    // Most likely the account is there already. Only then: the plugin writes its whole file at each change.
    const there = names.filter((_, index) => made[index]?.error !== undefined || made[index] === undefined);
    if (there.length === 0) return;
    const set = await this.#ask(there.map((name) => ({ command: 'setClientPassword', username: name, password: secret })));
    const done = there.every((_, index) => set[index] !== undefined && set[index].error === undefined);
    if (!done) throw new Fault('unavailable', 'the broker did not take the accounts of the device');
  }

  /** Takes its accounts away, which cuts the sessions too. What fails now is mended by the next reconciliation. */
  revoke(device: string): void {
    this.#options
      .standing([device])
      .then((standing) => (standing.has(device) ? null : this.#ask(accountsOf(device).map(deletion))))
      .catch((error: unknown) => this.#options.log.warn('accounts.failed', { device, code: faultCode(error) }));
  }

  /** Takes away every account whose device has no credential any more. */
  removeRevoked(): void {
    if (!this.#keeping) return;
    this.#reconcile().catch((error: unknown) => this.#options.log.warn('accounts.failed', { code: faultCode(error) }));
  }

  async stop(): Promise<void> {
    await this.#connection?.stop();
    this.#connection = null;
  }

  #connect(): MqttConnection {
    const { url, clientId, clock, random, log } = this.#options;
    return new MqttConnection({
      url,
      clientId,
      clock,
      random,
      log,
      filter: answerTopic,
      onReady: () => {
        for (const ready of this.#onReady) ready();
        this.removeRevoked();
      },
      onMessage: (_topic, payload, taken) => {
        taken();
        this.#onAnswers?.(readAnswers(payload));
      },
    });
  }

  async #reconcile(): Promise<void> {
    await this.#ask([denyByDefault]);
    const gone: string[] = [];
    for await (const names of this.#accounts()) gone.push(...(await this.#revokedOf(names)));
    for (let start = 0; start < gone.length; start += pageSize) {
      // Looked at once more: a device may have come back while the list was read.
      const still = await this.#revokedOf(gone.slice(start, start + pageSize));
      if (still.length > 0) await this.#ask(still.map(deletion));
    }
    this.#options.log.info('accounts.reconciled', { removed: gone.length });
  }

  /**
   * Every account, in pages. The plugin counts them off a list that moves up when an account of an earlier page is taken away
   * meanwhile: so each page begins on the last account of the one before, and where that is elsewhere the walk begins anew.
   */
  async *#accounts(): AsyncGenerator<readonly string[]> {
    let [last, walks, offset]: [string | null, number, number] = [null, 1, 0];
    for (;;) {
      const names = await this.#page(offset);
      const moved: boolean = last !== null && names[0] !== last;
      if (moved && walks === maxWalks) throw new Fault('unavailable', 'the accounts at the broker change too fast to be read');
      if (moved) walks += 1;
      else yield names;
      if (!moved && names.length < pageSize) return;
      last = moved ? null : (names.at(-1) ?? null);
      offset = moved ? 0 : offset + names.length - 1;
    }
  }

  async #page(offset: number): Promise<readonly string[]> {
    const [page] = await this.#ask([{ command: 'listClients', count: pageSize, offset }]);
    return page?.data?.clients ?? [];
  }

  async #revokedOf(names: readonly string[]): Promise<string[]> {
    const accounts = names.flatMap((name) => {
      const account = parseAccount(name);
      return account ? [{ name, device: account.device }] : [];
    });
    const standing = await this.#options.standing([...new Set(accounts.map(({ device }) => device))]);
    return accounts.filter(({ device }) => !standing.has(device)).map(({ name }) => name);
  }

  /** One question at a time, so that enrolments do not crowd the broker. */
  #ask(commands: readonly Command[]): Promise<Answers> {
    return this.#turns.run(async () => {
      this.#connection ??= this.#connect();
      const connection = this.#connection;
      if (!connection.isReady()) await this.#untilReady();
      const answers = await this.#within<Answers>((resolve) => {
        const mark = `${this.#options.clientId}/${this.#asked++}`;
        this.#onAnswers = (heard) => {
          if (heard.some(({ correlationData }) => correlationData === mark)) resolve(heard);
        };
        const marked = commands.map((command) => ({ ...command, correlationData: mark }));
        connection.publish(commandTopic, JSON.stringify({ commands: marked }), 1);
      });
      return answers;
    });
  }

  /** One that waited in vain is not called when the broker comes at last. */
  async #untilReady(): Promise<void> {
    let onReady: () => void = () => undefined;
    try {
      await this.#within<void>((resolve) => {
        onReady = () => resolve();
        this.#onReady.add(onReady);
      });
    } finally {
      this.#onReady.delete(onReady);
    }
  }

  #within<Result>(begin: (resolve: (result: Result) => void) => void): Promise<Result> {
    return new Promise((resolve, reject) => {
      const cancel = this.#options.clock.schedule(answerTimeoutMs, () => {
        this.#onAnswers = null;
        reject(new Fault('unavailable', 'the broker does not answer: try again in a few seconds'));
      });
      begin((result) => {
        cancel();
        this.#onAnswers = null;
        resolve(result);
      });
    });
  }
}

function readAnswers(payload: Uint8Array): Answers {
  try {
    return answersSchema.parse(JSON.parse(Buffer.from(payload).toString('utf8'))).responses;
  } catch {
    return [];
  }
}
