import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { AgentConfigInput } from '@towline/agent';
import type { Clock } from '@towline/kit';
import type { SimulatedGateway } from '@towline/simulator';
import { servePseudoTerminals } from '@towline/simulator/node';

export interface AgentProcessOptions {
  readonly gateway: SimulatedGateway;
  /** Configuration, state, ttys and log of this gateway lie in it. */
  readonly directory: string;
  readonly config: Omit<AgentConfigInput, 'modems' | 'stateDir' | 'acceptVolatileState' | 'boardSerialFile'>;
  readonly clock: Clock;
  /** Of the process, over our own. */
  readonly environment?: Readonly<Record<string, string>>;
}

export interface AgentProcess {
  readonly pid: number;
  readonly stop: () => Promise<void>;
}

const bundle = join(dirname(createRequire(import.meta.url).resolve('@towline/agent')), 'towline-agent.cjs');

const stopTimeoutMs = 20_000;

/** What infra's systemd unit runs the agent with. */
const flags = ['--max-semi-space-size=1', '--max-old-space-size=48'];

/** A gateway knows nothing of the settings of demo and control plane, and the agent refuses those it does not know. */
const inherited = () => Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('TOWLINE_')));

/** A gateway as it is in the field: the bundled agent as a process of its own, its modems behind ttys. */
export function startAgentProcess({ gateway, directory, config, clock, environment = {} }: AgentProcessOptions): AgentProcess {
  mkdirSync(join(directory, 'state'), { recursive: true });
  const served = gateway.modems.map((modem, index) => servePseudoTerminals(modem, { clock, directory: join(directory, `modem${index}`) }));
  const boardSerialFile = join(directory, 'board-serial');
  writeFileSync(boardSerialFile, gateway.boardSerial);
  const configFile = join(directory, 'agent.json');
  const document: AgentConfigInput = {
    ...config,
    stateDir: join(directory, 'state'),
    // It stands in for a gateway, wherever it runs.
    acceptVolatileState: true,
    boardSerialFile,
    modems: served.map(({ atPath, pppPath }, index) => ({ id: `modem${index}`, atPort: atPath, pppPort: pppPath })),
  };
  writeFileSync(configFile, JSON.stringify(document, null, 2), { mode: 0o600 });
  const log = openSync(join(directory, 'agent.log'), 'w');
  // The channel ends the agent when we are gone, killed even: two of them would share a modem and an identity at the next start.
  const child = spawn(process.execPath, [...flags, bundle, 'run', '--config', configFile], {
    stdio: ['ignore', log, log, 'ipc'],
    env: { ...inherited(), ...environment },
  });
  closeSync(log);
  return {
    pid: child.pid ?? 0,
    async stop() {
      await endOf(child);
      for (const modem of served) modem.close();
    },
  };
}

async function endOf(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs);
  await gone;
  clearTimeout(timer);
}
