import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Fault } from '@towline/kit';
import { patience } from '../patience.ts';
import { places } from '../places.ts';
import type { Prepared } from '../prepare/prepare.ts';
import { type Guest, guestOver } from './guest.ts';
import { qemuCommand } from './qemu-command.ts';
import { listenForResident, type ResidentChannel } from './resident-channel.ts';

export interface BootOptions {
  readonly prepared: Prepared;
  /** Made anew; gets everything that the kernel says. */
  readonly kernelLog: string;
  /** Start file of an interactive shell on our own terminal; none without it. */
  readonly shellFile?: string;
  /** Image of a disk that outlives it. */
  readonly disk?: string;
}

export interface BootedGuest extends Guest {
  /** What its kernel has said so far. */
  kernelLog(): string;
  /** The guest has ended, by itself or by us. */
  readonly gone: Promise<void>;
  /** As if its power was cut. */
  stop(): Promise<void>;
}

/** 4 s on an idle machine; a build machine is not idle. */
const bootMs = 120_000;

function startQemu([program = '', ...argv]: readonly string[], isInteractive: boolean): ChildProcess {
  return spawn(program, argv, { stdio: [isInteractive ? 'inherit' : 'ignore', isInteractive ? 'inherit' : 'ignore', 'pipe'] });
}

/** What qemu complained of, should it end before the guest is there. */
function earlyEnd(qemu: ChildProcess, kernelLog: string): Promise<never> {
  let complaint = '';
  qemu.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-2000);
  });
  return new Promise((_, reject) => {
    const fail = (how: string) =>
      reject(new Fault('guest.ended', `qemu ended (${how}): ${complaint.trim()}; the kernel's words are in ${kernelLog}`));
    qemu.once('error', (error) => fail(error.message));
    qemu.once('exit', (code, signal) => fail(String(code ?? signal)));
  });
}

/**
 * Boots a gateway and waits until its resident answers.
 * @throws Fault `guest.ended`, `guest.silent`
 */
export async function bootGuest({ prepared, kernelLog, shellFile, disk }: BootOptions): Promise<BootedGuest> {
  mkdirSync(dirname(kernelLog), { recursive: true });
  const listener = await listenForResident();
  const interactive = { ...(shellFile === undefined ? {} : { shellFile }), ...(disk === undefined ? {} : { disk }) };
  const command = qemuCommand({ ...prepared, kernelLog, controlPort: listener.port, resident: places.resident, ...interactive });
  const qemu = startQemu(command, shellFile !== undefined);
  const ended = earlyEnd(qemu, kernelLog);
  const gone = once(qemu, 'exit').then(
    () => undefined,
    () => undefined,
  );
  let channel: ResidentChannel | null = null;
  const stop = async () => {
    channel?.close();
    listener.close();
    qemu.kill('SIGKILL');
    await gone;
  };
  try {
    channel = await Promise.race([listener.accept(patience(bootMs)), ended]);
  } catch (error) {
    await stop();
    throw error;
  }
  ended.catch(() => undefined);
  return { ...guestOver(channel), gone, stop, kernelLog: () => readFileSync(kernelLog, 'utf8') };
}
