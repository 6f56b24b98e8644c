import { type ChildProcess, type StdioOptions, spawn, spawnSync } from 'node:child_process';
import { on, once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { seededRandom } from '@towline/kit';
import { createOperatorNetwork, createSimulatedModem, simulatedSim } from '@towline/simulator';
import { servePseudoTerminals } from '@towline/simulator/node';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from './adapters/system-clock.ts';
import { brokerControlPlane } from './testing/broker-control-plane.ts';
import { documentOf, iccid, imsi, rule } from './testing/world.ts';
import { agentVersion } from './version.ts';

const bundle = fileURLToPath(new URL('../dist/towline-agent.cjs', import.meta.url));
const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function freshDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'towline-agent-'));
  closing.push(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

const call = (...args: string[]) => spawnSync(process.execPath, [bundle, ...args], { encoding: 'utf8', env: {} });

describe('the bundle', () => {
  it('says its version, which is that of the package', () => {
    expect(call('version')).toMatchObject({ status: 0, stdout: `${agentVersion}\n` });
    expect(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).toContain(`"version": "${agentVersion}"`);
  });

  it('explains a bad configuration: where, what, and what to do', () => {
    const path = join(freshDirectory(), 'agent.json');
    writeFileSync(
      path,
      JSON.stringify({ controlPlane: { url: 'https://fleet.example' }, modems: [{ id: 'm1', atPort: 'ttyUSB2' }], colour: 'red' }),
    );
    const { status, stderr } = call('check', '--config', path);
    expect(status).toBe(1);
    expect(stderr).toContain('modems[0].atPort: must be an absolute path, such as /dev/ttyUSB2; correct the value');
    expect(stderr).toContain('unknown keys: colour');
  });

  it('asks for a command when it gets none', () => {
    expect(call()).toMatchObject({ status: 2 });
  });

  it('needs nothing beside Node: no package and no native addon', () => {
    const text = readFileSync(bundle, 'utf8');
    const required = [...text.matchAll(/\brequire\("([^"]+)"\)/g)].map(([, name = '']) => name.replace(/^node:/, ''));
    const builtin = new Set(process.getBuiltinModule('module').builtinModules);
    expect(required.filter((name) => !builtin.has(name))).toEqual([]);
    expect(text).not.toMatch(/\.node["'`]/);
  });

  it('enrols, connects and brings up a modem on a PTY', async () => {
    const directory = freshDirectory();
    const { modem, served } = modemOnPty(directory);
    const controlPlane = await brokerControlPlane(documentOf(rule('fleet.south')));
    closing.push(() => controlPlane.close());
    const agent = startAgent(directory, { url: controlPlane.url, atPort: served.atPath, pppPort: served.pppPath });
    await expect.poll(() => controlPlane.states().at(-1)?.target?.status, { timeout: 45_000, interval: 200 }).toBe('applied');
    expect(modem.dataLink()).not.toBeNull();
    expect(controlPlane.states().at(-1)?.modems[0]).toMatchObject({ connection: 'verified', bearer: { apn: 'fleet.south' } });
    agent.kill('SIGTERM');
    const [code] = await once(agent, 'exit');
    expect(code).toBe(0);
  }, 60_000);

  it('is one on its state directory and its ttys: a second is refused and told whose they are', async () => {
    const directory = freshDirectory();
    const { served } = modemOnPty(directory);
    const places = { url: 'http://127.0.0.1:9', atPort: served.atPath, pppPort: served.pppPath };
    const first = startAgent(directory, places, ['ignore', 'pipe', 'ignore']);
    await logged(first, 'modem.identified');
    const config = join(directory, 'agent.json');
    const holder = `is in use by another agent (process id ${first.pid})`;
    for (const command of ['run', 'check']) {
      const { status, stderr } = call(command, '--config', config);
      expect({ command, status }).toEqual({ command, status: 1 });
      expect(stderr).toContain(`stateDir (${join(directory, 'state')}): ${holder}; stop that one`);
      expect(stderr).toContain(`modems[0].atPort (${served.atPath}): ${holder}`);
    }
    first.kill('SIGKILL');
    await once(first, 'exit');
    expect(call('check', '--config', config)).toMatchObject({ status: 0 });
    const next = startAgent(directory, places, ['ignore', 'pipe', 'ignore']);
    await logged(next, 'modem.identified');
  }, 60_000);

  it('ends when the parent that opened a channel to it is gone', async () => {
    const directory = freshDirectory();
    const absent = { url: 'http://127.0.0.1:9', atPort: join(directory, 'at'), pppPort: join(directory, 'ppp') };
    const agent = startAgent(directory, absent, ['ignore', 'pipe', 'ignore', 'ipc']);
    if (agent.stdout) await once(agent.stdout, 'data');
    agent.disconnect();
    const [code] = await once(agent, 'exit');
    expect(code).toBe(0);
  }, 60_000);
});

function modemOnPty(directory: string) {
  const network = createOperatorNetwork({
    plmn: '00101',
    name: 'Polder Mobile',
    rats: ['lte'],
    accessPoints: [
      { name: 'fleet.north', ipTypes: ['ipv4'] },
      { name: 'fleet.south', ipTypes: ['ipv4'] },
    ],
  });
  const sim = simulatedSim({ iccid, imsi });
  const modem = createSimulatedModem({
    model: 'ec200a',
    imei: '490154203237518',
    network,
    sim,
    clock: systemClock,
    random: seededRandom(3),
  });
  const served = servePseudoTerminals(modem, { clock: systemClock, directory: join(directory, 'tty') });
  closing.push(() => served.close());
  return { modem, served };
}

async function logged(agent: ChildProcess, event: string): Promise<void> {
  if (!agent.stdout) return;
  for await (const chunk of on(agent.stdout, 'data')) if (String(chunk).includes(`"${event}"`)) return;
}

interface Places {
  readonly url: string;
  readonly atPort: string;
  readonly pppPort: string;
}

function startAgent(directory: string, at: Places, stdio: StdioOptions = 'ignore'): ChildProcess {
  const path = join(directory, 'agent.json');
  const { url, atPort, pppPort } = at;
  const config = {
    controlPlane: { url },
    claimToken: 'claim-token',
    stateDir: join(directory, 'state'),
    modems: [{ id: 'm1', atPort, pppPort }],
  };
  writeFileSync(path, JSON.stringify(config));
  const agent = spawn(process.execPath, [bundle, 'run', '--config', path], { stdio, env: {} });
  closing.push(() => agent.exitCode === null && agent.kill('SIGKILL'));
  return agent;
}
