import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AgentConfigInput } from '@towline/agent';
import type { OperatorApi } from '@towline/demo';
import type { ConnectionProfile } from '@towline/protocol';
import {
  assignmentSchema,
  createdClaimTokenSchema,
  type DeviceDetail,
  deviceDetailSchema,
  devicePageSchema,
  type PolicyRule,
  policyVersionSchema,
  profileVersionSchema,
} from '@towline/protocol/http';
import { waitFor } from '../patience.ts';
import { controlPlaneName, ports, type Site } from './site.ts';

/** A gateway that was set up in the workshop: it has its credential and holds its target; no modem was in it yet. */
export interface LabDevice {
  readonly id: string;
  /** What survives a power cut, on the host's disk; the guest sees it and takes a copy. */
  readonly stateDir: string;
  readonly config: AgentConfigInput;
  /** The agent that it runs. */
  readonly bundle: string;
  /** What the control plane knows of it. */
  look(): Promise<DeviceDetail>;
}

export interface Commission {
  readonly name: string;
  /** Of this device's own. */
  readonly directory: string;
  readonly profile: ConnectionProfile;
  /** For the card in its modem. */
  readonly pin?: string;
}

/** Not the packaged one: a host that runs Towline keeps a whole cluster of Postgres there, and the guest sees the host's files. */
export const stateDirInGuest = '/var/lib/towline-of-the-guest';

const stopMs = 20_000;

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), stopMs);
  await gone;
  clearTimeout(timer);
}

/** Gives a device a profile of its own, under a name that no profile has yet. */
export async function assign(
  api: OperatorApi,
  device: string,
  { name, profile, pin }: Pick<Commission, 'name' | 'profile' | 'pin'>,
): Promise<void> {
  const saved = await api.post('/v1/profiles', { name, profile }, profileVersionSchema);
  const rule: PolicyRule = { name, level: 'device', subject: device, when: {}, profile: { id: saved.id, version: saved.version } };
  const policy = await api.post('/v1/policies', { name, rules: [{ ...rule, ...(pin === undefined ? {} : { pin }) }] }, policyVersionSchema);
  await api.post('/v1/assignments', { policy: { id: policy.id, version: policy.version }, devices: [device] }, assignmentSchema);
}

async function deviceNamed(api: OperatorApi, name: string): Promise<string> {
  const look = async () =>
    (await api.get('/v1/devices?limit=500', devicePageSchema)).items.find((device) => device.name === name)?.id ?? null;
  return waitFor(`${name} to enrol`, look);
}

type Named = Pick<Commission, 'name' | 'directory'>;

/** What a gateway has before it knows anybody: a claim token, a board serial, an empty disk. */
async function boxed(api: OperatorApi, { name, directory }: Named) {
  const { secret } = await api.post('/v1/claim-tokens', { label: name, uses: 1, expiresInS: 3600 }, createdClaimTokenSchema);
  const stateDir = join(directory, 'state');
  mkdirSync(stateDir, { recursive: true });
  const boardSerialFile = join(directory, 'board-serial');
  writeFileSync(boardSerialFile, `lab ${name}`);
  // A guest has its state in RAM, but where a story gives it a disk.
  const common = { name, boardSerialFile, acceptVolatileState: true, telemetry: { sampleS: 10, batch: 1 }, stateBeatS: 60 };
  return { secret, stateDir, common };
}

/** A gateway that never was in a workshop: it knows the control plane's name and has a claim token. */
export interface BoxedDevice extends Pick<LabDevice, 'stateDir' | 'config' | 'bundle'> {
  /** Waits until it has enrolled by itself. */
  enrolled(): Promise<Pick<LabDevice, 'id' | 'look'>>;
  /** Gives it a target. */
  assign(device: string, profile: ConnectionProfile): Promise<void>;
}

export async function box(site: Site, named: Named): Promise<BoxedDevice> {
  const { api } = await site.controlPlane();
  const { secret, stateDir, common } = await boxed(api, named);
  const url = `http://${controlPlaneName}:${ports.http}`;
  return {
    stateDir,
    bundle: site.agentBundle,
    config: { ...common, stateDir: stateDirInGuest, controlPlane: { url }, claimToken: secret, mqttOver: 'bearer' },
    async enrolled() {
      const id = await deviceNamed(api, named.name);
      return { id, look: () => api.get(`/v1/devices/${id}`, deviceDetailSchema) };
    },
    assign: (device, profile) => assign(api, device, { ...named, profile }),
  };
}

/** It runs on this host, as root, and left to itself would take over whatever real modems are plugged in here. No host has so many buses. */
const noModem: AgentConfigInput['modems'] = [{ id: 'none', usbPath: '255-1' }];

/**
 * Enrols a device and waits until it holds its target, with the agent on this host and over its own Ethernet: what a workshop does
 * before a gateway goes out to where there is only the modem.
 */
export async function commission(site: Site, order: Commission): Promise<LabDevice> {
  const { name, directory } = order;
  const { api, url } = await site.controlPlane();
  const { secret, stateDir, common } = await boxed(api, order);
  const workshop: AgentConfigInput = {
    ...common,
    stateDir,
    controlPlane: { url },
    mqttUrl: `mqtt://127.0.0.1:${ports.mqtt}`,
    claimToken: secret,
    modems: noModem,
  };
  const file = join(directory, 'workshop.json');
  writeFileSync(file, JSON.stringify(workshop));
  const agent = spawn(process.execPath, [site.agentBundle, 'run', '--config', file], {
    stdio: 'ignore',
    env: { PATH: process.env.PATH },
  });
  const look = (id: string) => api.get(`/v1/devices/${id}`, deviceDetailSchema);
  try {
    const id = await deviceNamed(api, name);
    await assign(api, id, order);
    const isHeld = async () => ((await look(id)).target?.status ?? 'waiting') !== 'waiting';
    await waitFor(`${name} to hold its target`, async () => (await isHeld()) || null);
    const config: AgentConfigInput = {
      ...common,
      stateDir: stateDirInGuest,
      controlPlane: { url: `http://${controlPlaneName}:${ports.http}` },
      mqttOver: 'bearer',
    };
    return { id, stateDir, config, bundle: site.agentBundle, look: () => look(id) };
  } finally {
    await end(agent);
  }
}
