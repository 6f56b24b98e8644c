import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AgentConfigInput, LogEvent } from '@towline/agent';
import type { Guest, GuestProgram } from '../guest/guest.ts';
import { must } from './expect.ts';
import { type LabDevice, stateDirInGuest } from './lab-device.ts';
import { controlPlaneName, internetAddress } from './site.ts';

/** The real agent, running in a guest. */
export interface AgentInGuest {
  readonly program: GuestProgram;
  /** How often its log has told of this event so far. */
  told(event: LogEvent): number;
  /** TERM, and waits for its end. */
  stop(): Promise<void>;
}

export interface AgentOptions {
  readonly device: Pick<LabDevice, 'stateDir' | 'config' | 'bundle'>;
  /** Its log goes there, as `agent.log`. */
  readonly directory: string;
  /** Over what the workshop set. */
  readonly config?: Partial<AgentConfigInput>;
  /** Keeps the state that an agent before it left in this guest. */
  readonly keepState?: boolean;
  /** Hears each line of its log. */
  readonly onLine?: (line: string) => void;
}

/** What the systemd unit runs the agent with. */
const flags = ['--max-semi-space-size=1', '--max-old-space-size=48'];
const configFile = '/etc/towline/agent.json';

export async function startAgent(guest: Guest, options: AgentOptions): Promise<AgentInGuest> {
  const { device, directory, config = {}, keepState = false, onLine = () => undefined } = options;
  if (!keepState) {
    await must(guest, ['rm', '-rf', stateDirInGuest, '/run/towline', '/etc/towline']);
    await must(guest, ['mkdir', '-p', '/var/lib', '/etc/towline']);
    await must(guest, ['cp', '-r', device.stateDir, stateDirInGuest]);
  }
  await guest.write(configFile, JSON.stringify({ ...device.config, ...config }, null, 2));
  // By Ethernet the name is known too: what goes over a bearer alone does so though it need not.
  await guest.write('/etc/hosts', `127.0.0.1 localhost\n${internetAddress} ${controlPlaneName}\n`);
  const log = join(directory, 'agent.log');
  const started = performance.now();
  const told = new Map<string, number>();
  const keep = (line: string) => {
    const event = /"event":"([^"]+)"/.exec(line)?.[1] ?? '';
    told.set(event, (told.get(event) ?? 0) + 1);
    appendFileSync(log, `${((performance.now() - started) / 1000).toFixed(1)} ${line}\n`);
    onLine(line);
  };
  const program = guest.start([process.execPath, ...flags, device.bundle, 'run', '--config', configFile], keep);
  return {
    program,
    told: (event) => told.get(event) ?? 0,
    async stop() {
      program.signal('SIGTERM');
      await program.ended;
    },
  };
}
