import { systemClock } from '@towline/agent/node';
import { type OperatorApi, waitUntil } from '@towline/demo';
import { Fault, type Random, sleep } from '@towline/kit';
import { auditPageSchema, type Rollout, rolloutDevicePageSchema, rolloutSchema, type VersionRef } from '@towline/protocol/http';
import type { AuditLine, DeviceChange, OperatorCall, RolloutHistory, RolloutMember } from '../history/rollout-history.ts';
import { between } from './nemesis.ts';

/** Longer than any harm lasts: what is tried here is that nothing is done twice, not what is given up. */
const patientS = 900;
/** Once nothing harms it any more. */
const finishMs = 180_000;

export interface WatchedRolloutOptions {
  /** One that may answer: asked anew for each call. */
  readonly api: () => OperatorApi;
  readonly random: Random;
  readonly policy: VersionRef;
  readonly devices: readonly string[];
  readonly waves: readonly number[];
  readonly caps: RolloutHistory['caps'];
  readonly siteOf: (device: string) => string | null;
}

function outcomeOf(error: unknown): OperatorCall['outcome'] {
  const status = error instanceof Fault ? Number(error.details.status) : Number.NaN;
  return status >= 400 && status < 500 ? 'refused' : 'unknown';
}

/** A rollout that an operator drives by an API that fails now and then, with the log of each call. */
export class WatchedRollout {
  readonly calls: OperatorCall[] = [];
  readonly #options: WatchedRolloutOptions;
  readonly #id: string;

  private constructor(options: WatchedRolloutOptions, id: string) {
    this.#options = options;
    this.#id = id;
  }

  /** Drafted, planned and submitted; it does not run yet. */
  static async prepare(options: WatchedRolloutOptions): Promise<WatchedRollout> {
    const { policy, devices, waves, caps } = options;
    const settings = {
      waves: { kind: 'counts', sizes: waves },
      caps,
      timeouts: { reachS: patientS, answerS: patientS },
      brake: { deliveryS: 600 },
    };
    const api = options.api();
    const draft = { name: 'a watched rollout', policy, selection: { devices }, settings };
    const { id } = await api.post('/v1/rollouts', draft, rolloutSchema);
    for (const act of ['plan', 'submit']) await api.post(`/v1/rollouts/${id}/${act}`, {}, rolloutSchema);
    return new WatchedRollout(options, id);
  }

  /** As the API shows it, as soon as it answers. */
  now(): Promise<Rollout> {
    return this.#read((api) => api.get(`/v1/rollouts/${this.#id}`, rolloutSchema));
  }

  /** Starts it, then pauses it and lets it go on, over and over until it has finished, or `isOver`. */
  async drive(isOver: () => boolean): Promise<void> {
    await this.#until('running', 'start');
    while (!isOver() && (await this.now()).state === 'running') {
      await this.#idle([1000, 4000]);
      await this.#call('pause');
      await this.#idle([500, 2500]);
      await this.#until('running', 'resume');
    }
  }

  /** @throws Fault `test.not-finished` with where it stands */
  async untilFinished(): Promise<void> {
    const isFinished = async () => ((await this.now()).state === 'finished' ? true : null);
    await waitUntil('the rollout to finish', isFinished, { timeoutMs: finishMs }).catch(async (cause: unknown) => {
      const { state, reason, obstacle, counts } = await this.now();
      throw new Fault('test.not-finished', JSON.stringify({ state, reason, obstacle, counts }), { cause });
    });
  }

  /** @param changes of all devices, once they are at rest */
  async history(changes: readonly DeviceChange[]): Promise<RolloutHistory> {
    const { policy, waves, caps } = this.#options;
    const { counts } = await this.now();
    const members = await this.#members();
    const audit = await this.#audit();
    return { policy: `${policy.id}@${policy.version}`, waves: waves.length, caps, changes, calls: this.calls, members, counts, audit };
  }

  #idle(span: readonly [number, number]): Promise<void> {
    return sleep(systemClock, between(this.#options.random, span));
  }

  /** Acts until the rollout is there, or beyond. */
  async #until(state: Rollout['state'], act: OperatorCall['act']): Promise<void> {
    for (let current = (await this.now()).state; current !== state && current !== 'finished'; current = (await this.now()).state) {
      await this.#call(act);
    }
  }

  async #call(act: OperatorCall['act']): Promise<void> {
    const reason = `${act} ${this.calls.length}`;
    const calledMs = systemClock.wallMs();
    const outcome = await this.#options
      .api()
      .post(`/v1/rollouts/${this.#id}/${act}`, { reason }, rolloutSchema)
      .then(() => 'ok' as const, outcomeOf);
    const answeredMs = systemClock.wallMs();
    const stillToOpen = act === 'pause' && outcome === 'ok' ? await this.#stillToOpen() : [];
    this.calls.push({ act, reason, calledMs, answeredMs, outcome, stillToOpen });
  }

  async #stillToOpen(): Promise<string[]> {
    const { items } = await this.#read((api) => api.get(this.#devices, rolloutDevicePageSchema));
    return items.filter(({ state }) => state === 'pending' || state === 'waiting').map(({ device }) => device);
  }

  async #members(): Promise<RolloutMember[]> {
    const { items } = await this.#read((api) => api.get(this.#devices, rolloutDevicePageSchema));
    return items.map(({ device, wave, state }) => ({ device, wave, state, site: this.#options.siteOf(device) }));
  }

  async #audit(): Promise<AuditLine[]> {
    const { items } = await this.#read((api) => api.get(`/v1/audit?subject=${this.#id}&limit=500`, auditPageSchema));
    return items.reverse().map(({ action, at, details: { reason, wave } }) => ({
      action,
      atMs: Date.parse(at),
      reason: typeof reason === 'string' ? reason : null,
      wave: typeof wave === 'number' ? wave : null,
    }));
  }

  get #devices(): string {
    return `/v1/rollouts/${this.#id}/devices?limit=500`;
  }

  #read<Answer>(ask: (api: OperatorApi) => Promise<Answer>): Promise<Answer> {
    return waitUntil('an API that answers', () => ask(this.#options.api()).catch(() => null), { timeoutMs: finishMs });
  }
}
