import type { ProcessRunner } from '@towline/modem';
import type { Reboot } from '../../runtime/ports.ts';

const limits = { timeoutMs: 30_000, maxOutputBytes: 4096 } as const;

/** Restarts the host by a program of its own, by argv. @param command as the configuration has it; not empty */
export function hostReboot(processes: Pick<ProcessRunner, 'run'>, [program = '', ...args]: readonly string[]): Reboot {
  return async () => {
    const { end, stderr } = await processes.run([program, ...args], limits);
    if (end.kind === 'exited' && end.code === 0) return { ok: true };
    const how = end.kind === 'exited' ? `ended with ${end.code}` : end.kind === 'not-started' ? end.reason : end.kind;
    return { ok: false, reason: `${program} ${how}: ${stderr.trim()}` };
  };
}
