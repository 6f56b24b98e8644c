import { type OperatorApi, waitUntil } from '@towline/demo';
import type { JobOrder } from '@towline/protocol';
import {
  type Assignment,
  assignmentSchema,
  type Device,
  type DeviceDetail,
  deviceDetailSchema,
  devicePageSchema,
  type Job,
  jobSchema,
  policyVersionSchema,
  profileVersionSchema,
  type VersionRef,
} from '@towline/protocol/http';
import { homePlmn } from './tapped-fleet.ts';

/** An agent that was long without a control plane may wait a minute before it tries again. */
const untilEachMs = 100_000;

/** A rule as an operator writes it; what the profile leaves out is IPv4 without credentials, roaming too. */
interface RuleDraft {
  readonly name: string;
  readonly when: object;
  readonly simSlot?: number;
  readonly profile: { readonly apn: string; readonly radioAccess?: string; readonly bands?: object };
}

/** What an operator does in these stories. */
export class Operator {
  readonly #api: OperatorApi;

  constructor(api: OperatorApi) {
    this.#api = api;
  }

  async devices(): Promise<Device[]> {
    return (await this.#api.get('/v1/devices?limit=500', devicePageSchema)).items;
  }

  device(id: string): Promise<DeviceDetail> {
    return this.#api.get(`/v1/devices/${id}`, deviceDetailSchema);
  }

  /** Saves a policy that gives this APN to every card of the home carrier, or to those of each of these carriers. */
  savePolicy(apn: string, plmns: readonly string[] = [homePlmn]): Promise<VersionRef> {
    return this.savePolicyByCarrier(`policy ${apn}`, new Map(plmns.map((plmn) => [plmn, apn])));
  }

  /** Saves a policy with an APN for the cards of each carrier. */
  savePolicyByCarrier(name: string, apns: ReadonlyMap<string, string>): Promise<VersionRef> {
    const ruleOf = ([plmn, apn]: [string, string]) => ({ name: `${apn} ${plmn}`, when: { homePlmn: [plmn] }, profile: { apn } });
    return this.savePolicyOf(name, [...apns].map(ruleOf));
  }

  /** Saves a policy of these rules for the whole fleet, and a profile for each. */
  async savePolicyOf(name: string, drafts: readonly RuleDraft[]): Promise<VersionRef> {
    const rules = [];
    for (const { profile: wanted, ...rule } of drafts) {
      const profile = { ipType: 'ipv4', auth: 'none', dataMode: 'auto', roaming: true, ...wanted };
      const saved = await this.#api.post('/v1/profiles', { name: `${name}, ${rule.name}`, profile }, profileVersionSchema);
      rules.push({ ...rule, level: 'fleet', profile: { id: saved.id, version: saved.version } });
    }
    const { id, version } = await this.#api.post('/v1/policies', { name, rules }, policyVersionSchema);
    return { id, version };
  }

  assign(policy: VersionRef, devices: readonly string[]): Promise<Assignment> {
    return this.#api.post('/v1/assignments', { policy, devices }, assignmentSchema);
  }

  /** Orders a job and waits until it has ended one way or the other. */
  async carryOut(device: string, order: JobOrder): Promise<Job> {
    const { id } = await this.#api.post('/v1/jobs', { device, order }, jobSchema);
    return waitUntil(`the ${order.kind} of ${device} to end`, async () => {
      const job = await this.#api.get(`/v1/jobs/${id}`, jobSchema);
      return openStates.includes(job.state) ? null : job;
    });
  }

  /** Waits until `holds` is true of each of `ids`. @param what with `withinMs`, where it may take longer than a reconnect */
  untilEach(
    what: string | { readonly what: string; readonly withinMs: number },
    ids: readonly string[],
    holds: (device: Device) => boolean,
  ): Promise<Device[]> {
    const asked = typeof what === 'string' ? { what, withinMs: untilEachMs } : what;
    const look = async () => {
      const found = (await this.devices()).filter(({ id }) => ids.includes(id));
      return found.length === ids.length && found.every(holds) ? found : null;
    };
    return waitUntil(`${asked.what} on every device`, look, { timeoutMs: asked.withinMs });
  }
}

const openStates: readonly Job['state'][] = ['queued', 'accepted', 'running'];
