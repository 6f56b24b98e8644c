import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AgentConfigInput } from '@towline/agent';
import { systemClock } from '@towline/agent/node';
import { operatorApi, waitUntil } from '@towline/demo';
import { createdClaimTokenSchema, devicePageSchema } from '@towline/protocol/http';
import { servePseudoTerminals } from '@towline/simulator/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readEnvironmentFile } from './harness/compose-file.ts';
import { freePorts } from './harness/free-ports.ts';
import { NativeService } from './harness/native-service.ts';
import { raiseTappedFleet } from './harness/tapped-fleet.ts';
import { readUnitFile, type UnitFile } from './harness/unit-file.ts';
import { storyDirectory } from './harness/world.ts';

const checkout = fileURLToPath(new URL('../../', import.meta.url));
const unitPath = (name: string) => join(checkout, 'infra/systemd', name);
const [gateway] = raiseTappedFleet(['ec200a']).gateways;

let directory = '';
let url = '';
let settings: Record<string, string> = {};
const running: NativeService[] = [];

beforeAll(async () => {
  directory = storyDirectory();
  for (const name of ['etc', 'lib', 'control-plane', 'gateway']) mkdirSync(join(directory, name));
  cpSync(join(checkout, 'apps/agent/dist/towline-agent.cjs'), join(directory, 'lib/towline-agent.cjs'));
  const [http, edge, ticker, mqtt, postgres] = await freePorts(5);
  url = `http://127.0.0.1:${http}`;
  settings = {
    TOWLINE_HTTP_PORT: String(http),
    TOWLINE_EDGE_HTTP_PORT: String(edge),
    TOWLINE_TICKER_HTTP_PORT: String(ticker),
    TOWLINE_MQTT_PORT: String(mqtt),
    TOWLINE_POSTGRES_PORT: String(postgres),
    // Of the example's two lines, as they must be here.
    TOWLINE_MQTT_HOST: '127.0.0.1',
    TOWLINE_PUBLIC_MQTT_URL: `mqtt://127.0.0.1:${mqtt}`,
  };
});

afterAll(async () => {
  for (const service of running.reverse()) await service.stop();
  rmSync(directory, { recursive: true, force: true });
});

function controlPlaneUnit(): UnitFile {
  return readUnitFile(unitPath('towline-control-plane.service'), {
    '/usr/lib/towline': checkout.replace(/\/$/, ''),
    '/var/lib/towline-control-plane': join(directory, 'control-plane'),
    '/etc/towline': join(directory, 'etc'),
  });
}

function agentUnit(): UnitFile {
  return readUnitFile(unitPath('towline-agent.service'), {
    '/usr/bin/node': process.execPath,
    '/usr/lib/towline': join(directory, 'lib'),
    '/etc/towline': join(directory, 'etc'),
  });
}

const pairs = (lines: readonly string[]) =>
  Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));

/** Starts what a unit starts, with the environment that the unit names. */
function start(unit: UnitFile, logFile: string): NativeService {
  const [file] = unit.values('EnvironmentFile');
  const environment = { ...pairs(unit.values('Environment')), ...(file ? readEnvironmentFile(file) : {}) };
  const [workDirectory = directory] = unit.values('WorkingDirectory');
  const service = new NativeService({ command: unit.command('ExecStart'), environment, directory: workDirectory, logFile });
  running.push(service);
  return service;
}

describe('the units', () => {
  // systemd-analyze looks at the programs too: those of a unit that is not installed are not there.
  it.runIf(existsSync('/usr/bin/systemd-analyze'))('hold nothing that systemd does not know', () => {
    const units = ['towline-control-plane.service', 'towline-agent.service'].map(unitPath);
    const { stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', ...units], { encoding: 'utf8', timeout: 20_000 });
    const complaints = stderr.split('\n').filter((line) => line !== '' && !line.includes('is not executable'));
    expect(complaints).toEqual([]);
  });

  it('do not hide ttys from the agent', () => {
    const unit = agentUnit();
    for (const key of ['PrivateDevices', 'DevicePolicy', 'DeviceAllow']) expect(unit.values(key)).toEqual([]);
  });
});

describe("the agent's unit", () => {
  it('lets it set up networks, load drivers and run pppd, and keep what finds its sessions again', () => {
    const unit = agentUnit();
    const capabilities = unit.values('CapabilityBoundingSet').flatMap((line) => line.split(' '));
    expect(capabilities).toEqual(expect.arrayContaining(['CAP_NET_ADMIN', 'CAP_NET_RAW', 'CAP_SYS_MODULE']));
    expect(capabilities).not.toContain('CAP_SYS_ADMIN');
    for (const key of ['ProtectKernelTunables', 'ProtectKernelModules']) expect(unit.values(key)).toEqual([]);
    expect(unit.values('RuntimeDirectoryPreserve')).toEqual(['yes']);
  });
});

describe('what the units start', () => {
  it('the control plane comes up with its example settings and shows where the token is', async () => {
    cpSync(unitPath('control-plane.env.example'), join(directory, 'etc/control-plane.env'));
    const example = readEnvironmentFile(join(directory, 'etc/control-plane.env'));
    expect(Object.keys(example).filter((name) => !(name in settings))).toEqual([]);
    const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
    writeFileSync(join(directory, 'etc/control-plane.env'), lines.join(''));
    const service = start(controlPlaneUnit(), join(directory, 'control-plane.log'));
    await waitUntil('the API', async () => {
      const answer = await fetch(`${url}/health/ready`).catch(() => null);
      return answer?.ok ? true : null;
    });
    const file = join(directory, 'control-plane/first-token');
    await waitUntil('where the first token is', () => (service.log.includes(file) ? true : null));
    expect(service.log).not.toContain(readFileSync(file, 'utf8').trim());
  });

  it("the agent's check says what is wrong with its configuration", () => {
    writeFileSync(join(directory, 'etc/agent.json'), JSON.stringify({ controlPlane: { url }, modems: [] }));
    const [program = '', ...words] = agentUnit().command('ExecStartPre');
    const { status, stderr } = spawnSync(program, words, { encoding: 'utf8', env: {} });
    expect(status).toBe(1);
    expect(stderr).toContain('modems');
    expect(agentUnit().values('ExecStartPre')[0]).toMatch(/^-/);
  });

  it('the agent enrols at that control plane and registers its modem', async () => {
    const [modem] = gateway?.modems ?? [];
    if (!modem) throw new Error('the gateway has no modem');
    const served = servePseudoTerminals(modem, { clock: systemClock, directory: join(directory, 'tty') });
    const api = operatorApi(url, readFileSync(join(directory, 'control-plane/first-token'), 'utf8').trim());
    const { secret } = await api.post('/v1/claim-tokens', { label: 'unit', uses: 1, expiresInS: 3600 }, createdClaimTokenSchema);
    const config: AgentConfigInput = {
      controlPlane: { url },
      claimToken: secret,
      stateDir: join(directory, 'gateway/state'),
      acceptVolatileState: true,
      modems: [{ id: 'main', atPort: served.atPath, pppPort: served.pppPath }],
    };
    writeFileSync(join(directory, 'etc/agent.json'), JSON.stringify(config));
    const [program = '', ...words] = agentUnit().command('ExecStartPre');
    expect(execFileSync(program, words, { encoding: 'utf8', env: {} })).toContain('good');
    const agent = start(agentUnit(), join(directory, 'agent.log'));
    const device = await waitUntil('the registered modem', async () => {
      const { items } = await api.get('/v1/devices', devicePageSchema);
      return items.find(({ registration, online }) => online && registration === 'home') ?? null;
    });
    expect(device.model).toBe('ec200a');
    running.pop();
    expect(await agent.stop()).toBe(0);
    served.close();
  });

  it('the control plane ends well, and its Postgres with it', async () => {
    expect(await running.pop()?.stop()).toBe(0);
    expect(existsSync(join(directory, 'control-plane/postgres/data/postmaster.pid'))).toBe(false);
  });
});
