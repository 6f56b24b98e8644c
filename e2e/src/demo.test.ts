import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { waitUntil } from '@towline/demo';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePorts } from './harness/free-ports.ts';
import { childrenOf, isRunning, processesKnowing } from './harness/processes.ts';
import { ShellSession } from './harness/shell-session.ts';
import { storyDirectory } from './harness/world.ts';

const main = join(dirname(createRequire(import.meta.url).resolve('@towline/demo')), 'main.js');
/** From the start to commands that can be pasted; the README promises two minutes with downloads. */
const startBudgetMs = 110_000;

let directory = '';
let demo: ChildProcess;
let shell: ShellSession;
let printed = '';
/** Commands by what the demo says of them. */
const blocks = new Map<string, string>();

/** @param isOfOwnGroup so that a signal reaches all of its processes, as Ctrl-C does */
async function startDemo(cwd: string, isOfOwnGroup: boolean): Promise<ChildProcess> {
  const [http, edge, ticker, mqtt, postgres] = await freePorts(5);
  return spawn(process.execPath, [main], {
    cwd,
    detached: isOfOwnGroup,
    env: {
      ...process.env,
      TOWLINE_DEMO_DIR: join(cwd, 'demo'),
      TOWLINE_HTTP_PORT: String(http),
      TOWLINE_EDGE_HTTP_PORT: String(edge),
      TOWLINE_TICKER_HTTP_PORT: String(ticker),
      TOWLINE_MQTT_PORT: String(mqtt),
      TOWLINE_POSTGRES_PORT: String(postgres),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

beforeAll(async () => {
  directory = storyDirectory();
  demo = await startDemo(directory, false);
  demo.stdout?.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  const startedAt = performance.now();
  await waitUntil('the commands', () => (printed.includes('Ctrl-C ends everything') || demo.exitCode !== null ? true : null), {
    timeoutMs: startBudgetMs,
  });
  console.log(`start to a fleet that answers: ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
  for (const [, says = '', commands = ''] of printed.matchAll(/^# (.*)\n((?:.+\n)+)/gm)) blocks.set(says, commands);
  shell = new ShellSession(directory);
});

afterAll(async () => {
  await shell?.end();
  if (demo && demo.exitCode === null) {
    const gone = once(demo, 'exit');
    demo.kill('SIGTERM');
    await gone;
  }
  rmSync(directory, { recursive: true, force: true });
});

/** Pastes the block of which the demo says this; each of them must end well, with no problem in what it shows. */
async function paste(saying: RegExp): Promise<string> {
  const [says] = [...blocks.keys()].filter((text) => saying.test(text));
  if (says === undefined) throw new Error(`the demo says nothing like ${saying}: ${printed}`);
  const { output, status } = await shell.paste(blocks.get(says) ?? '');
  blocks.delete(says);
  expect({ says, output, status }).toEqual({ says, output, status: 0 });
  expect(output).not.toMatch(/"type": ?"[^"]*",\s*"title"|command not found|SyntaxError|curl: \(/);
  return output;
}

describe('what the demo prints, pasted into one bash in its order', () => {
  it('a table of the whole fleet, all of it online with an APN', () => {
    expect(printed).toMatch(/device\s+name\s+site\s+network/);
    expect(printed).not.toMatch(/in vain/);
  });

  it('the shorthands', async () => {
    await paste(/Once per shell/);
  });

  it('the fleet in numbers', async () => {
    expect(await paste(/fleet in numbers/)).toMatch(/"devices": 6\d,\s*"online": 6\d/);
  });

  it('one device with registration, signal and bearer', async () => {
    const output = await paste(/One device/);
    for (const part of ['"registration"', '"rsrpDbm"', '"bearer"', '"apn"']) expect(output).toContain(part);
  });

  it('its signal', async () => {
    expect(await paste(/signal over the last/)).toContain('"rsrpDbm"');
  });

  it('why it dials with this APN', async () => {
    expect(await paste(/Why it dials/)).toContain('"matched"');
  });

  it('a new APN as policy, what it would change, and the redial onto it', async () => {
    await paste(/new APN as profile/);
    const output = await paste(/What would change/);
    expect(output).toContain('"assigned"');
    expect(output.trim().split('\n').at(-1)).toBe('fleet.north');
  });

  it("an APN that is not sold to the SIM, the way back, the cause and the modem's own lines", async () => {
    const output = await paste(/has not sold/);
    expect(output).toMatch(/^reverted$/m);
    expect(output).toMatch(/"code": "apn\.not-subscribed",\s*"evidence": \[\s*"[^"]+"/);
    expect(output.trim().split('\n').at(-1)).toBe('fleet.north');
  });

  it('the same as a rollout, which stops in its first wave and is led back', async () => {
    const output = await paste(/as a rollout/);
    expect(output).toMatch(/^paused$[^]*"apn\.not-subscribed"[^]*^reverted$/m);
    expect(output.trim().split('\n').at(-1)).toBe('reverted');
  });

  it('the good one again', async () => {
    expect((await paste(/good one is assigned again/)).trim().split('\n').at(-1)).toBe('applied');
  });

  it('a job', async () => {
    expect(await paste(/^A job/)).toContain('"hang-up"');
  });

  it('live changes', async () => {
    expect(await paste(/Live changes/)).toMatch(/^event: /m);
  });

  it('and nothing else', () => {
    expect([...blocks.keys()]).toEqual([]);
  });

  it('ends with all its processes when it is asked to', async () => {
    const below = childrenOf(demo.pid ?? 0).map(({ pid }) => pid);
    expect(below.length).toBeGreaterThan(10);
    const gone = once(demo, 'exit');
    demo.kill('SIGINT');
    expect(await gone).toEqual([0, null]);
    expect(below.filter(isRunning)).toEqual([]);
  });
});

describe('a demo that is asked to end while it starts', () => {
  it.each([
    ['before there is a database', /^$/],
    ['once there is a database', /local-postgres\.started/],
    ['while its processes start', /"role":"(api|edge|ticker)"/],
  ])('leaves nothing running: %s', async (_when, logged) => {
    const place = storyDirectory();
    const log = join(place, 'demo', 'control-plane.log');
    const starting = await startDemo(place, true);
    const gone = once(starting, 'exit');
    await waitUntil('that moment', () => (existsSync(log) && logged.test(readFileSync(log, 'utf8')) ? true : null), {
      timeoutMs: startBudgetMs,
    });
    process.kill(-(starting.pid ?? 0), 'SIGINT');
    expect(await gone).toEqual([0, null]);
    expect(processesKnowing(place)).toEqual([]);
    rmSync(place, { recursive: true, force: true });
  });
});
