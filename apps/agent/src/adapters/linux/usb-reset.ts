import { type BackoffPolicy, backoffDelayMs, type Clock, Fault, faultCode, type Random, sleep } from '@towline/kit';
import type { HostFiles } from '@towline/modem';
import type { HostOutcome } from '../../runtime/ports.ts';
import { type DirectoryTree, hostTree } from './directory-tree.ts';

export interface UsbResetParts {
  readonly files: HostFiles;
  readonly clock: Clock;
  readonly random: Random;
  /** Where it is noted which devices are without authorization because of us, so that a crash in between is made good. */
  readonly runDirectory: string;
  readonly tree?: DirectoryTree;
}

export interface UsbReset {
  reset(usbPath: string): Promise<HostOutcome>;
  /** Gives back what an agent that ended in the middle of a reset has taken away. */
  makeGood(): Promise<void>;
}

const pathPattern = /^\d+-\d+(\.\d+)*$/;
/** A device whose firmware is busy may refuse to be read again at once. */
const tries = 4;
const pause: BackoffPolicy = { baseMs: 500, factor: 2, maxMs: 4_000, jitter: 0.2 };

const reasonOf = (error: unknown) => (error instanceof Fault ? error.message : faultCode(error));
const refused = (...evidence: string[]): HostOutcome => ({ ok: false, failure: { code: 'host.not-permitted', evidence } });

/**
 * Resets one USB device by its `authorized` file (Documentation/usb/authorization.rst): 0 unbinds its drivers and takes its configuration
 * away, 1 reads it anew and configures it. No hub and no other device is touched, and it keeps its address.
 */
export function usbReset({ files, clock, random, runDirectory, tree = hostTree }: UsbResetParts): UsbReset {
  const authorizedOf = (usbPath: string) => `/sys/bus/usb/devices/${usbPath}/authorized`;
  const noteOf = (usbPath: string) => `${runDirectory}/usb-reset/${usbPath}`;

  async function authorize(usbPath: string): Promise<HostOutcome> {
    let reason = '';
    for (let tried = 0; tried < tries; tried += 1) {
      if (tried > 0) await sleep(clock, backoffDelayMs(pause, tried - 1, random));
      try {
        await files.write(authorizedOf(usbPath), '1');
        await files.remove(noteOf(usbPath));
        return { ok: true };
      } catch (error) {
        reason = reasonOf(error);
      }
    }
    return refused(`${authorizedOf(usbPath)} takes no 1: ${reason}`);
  }

  return {
    async reset(usbPath) {
      if (!pathPattern.test(usbPath)) return refused(`${usbPath} is no USB path`);
      try {
        await files.write(noteOf(usbPath), '');
        await files.write(authorizedOf(usbPath), '0');
      } catch (error) {
        await files.remove(noteOf(usbPath));
        return refused(`${authorizedOf(usbPath)} takes no 0: ${reasonOf(error)}`);
      }
      return authorize(usbPath);
    },
    async makeGood() {
      for (const usbPath of tree.list(`${runDirectory}/usb-reset`)) if (pathPattern.test(usbPath)) await authorize(usbPath);
    },
  };
}
