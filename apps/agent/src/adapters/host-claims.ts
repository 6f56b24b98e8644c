import { accessSync, constants, mkdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { type Claims, processClaims } from './process-claims.ts';

/** World-writable and in RAM on Debian (FHS 3.0 clause 5.9): claims cost no flash, and meet whoever the agents run as. */
const shared = '/run/lock';

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Where the agents of this host claim their state directories and ttys. */
export function hostClaims(): Claims {
  return processClaims(isWritable(shared) ? shared : tmpdir());
}

/** One name for a tty, by whatever path it is reached; null where there is none now. */
export function ttyClaimName(path: string): string | null {
  try {
    const { rdev } = statSync(path);
    return rdev === 0 ? null : `towline-tty-${rdev}`;
  } catch {
    return null;
  }
}

/** One name for a state directory, which is made where it is missing; null when it cannot be. */
export function stateClaimName(path: string): string | null {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const { dev, ino } = statSync(path);
    return `towline-state-${dev}-${ino}`;
  } catch {
    return null;
  }
}
