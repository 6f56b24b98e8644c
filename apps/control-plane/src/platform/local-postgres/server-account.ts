import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** The operating system account that the server runs under. */
export interface ServerAccount {
  readonly uid: number;
  readonly gid: number;
}

const nobody: ServerAccount = { uid: 65_534, gid: 65_534 };

/** The line `postgres:x:101:104:…` of /etc/passwd; without one, nobody. */
export function accountFromPasswd(passwd: string): ServerAccount {
  const [, , uid, gid] =
    passwd
      .split('\n')
      .map((line) => line.split(':'))
      .find(([name]) => name === 'postgres') ?? [];
  return uid && gid ? { uid: Number(uid), gid: Number(gid) } : nobody;
}

/** Postgres refuses to run as root, so then another account is taken; null: the server runs as who we are. */
export function serverAccount(): ServerAccount | null {
  if (process.getuid?.() !== 0) return null;
  return accountFromPasswd(existsSync('/etc/passwd') ? readFileSync('/etc/passwd', 'utf8') : '');
}

function mayEnter(directory: string, { uid, gid }: ServerAccount): boolean {
  const { mode, uid: owner, gid: group } = statSync(directory);
  if (owner === uid) return (mode & 0o100) !== 0;
  if (group === gid) return (mode & 0o010) !== 0;
  return (mode & 0o001) !== 0;
}

/** Whether `account` may pass through every directory on the way to `path`, which must exist. */
export function canReach(path: string, account: ServerAccount): boolean {
  const parent = dirname(path);
  if (parent === path) return true;
  return mayEnter(parent, account) && canReach(parent, account);
}
