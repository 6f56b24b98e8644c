import { chownSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { homeElsewhere } from './homes-elsewhere.ts';
import { canReach, type ServerAccount } from './server-account.ts';
import { copyServerBinaries, type ServerBinaries } from './server-binaries.ts';

/** Where the server's data and programs lie. */
export interface ServerPlace {
  /** Belongs to the account: data, library links and the server's log. */
  readonly home: string;
  readonly binaries: ServerBinaries;
  readonly account: ServerAccount | null;
}

/** For root only, when the account can't enter the data directory or the repository (such as /root/towline, mode 700). */
export const reachableRoot = '/var/lib/towline';

function makeHome(home: string, account: ServerAccount | null): string {
  mkdirSync(home, { recursive: true, mode: 0o755 });
  if (account) chownSync(home, account.uid, account.gid);
  return home;
}

/** Chooses and makes the place of the server that belongs to `dataDir`: the same one each time. */
export function chooseServerPlace(
  dataDir: string,
  packaged: ServerBinaries,
  { account, elsewhere = reachableRoot }: { account: ServerAccount | null; elsewhere?: string },
): ServerPlace {
  const near = join(dataDir, 'postgres');
  if (!account) return { home: makeHome(near, null), binaries: packaged, account };
  mkdirSync(near, { recursive: true, mode: 0o755 });
  const home = canReach(near, account) ? near : homeElsewhere(dataDir, elsewhere);
  const binaries = canReach(packaged.native, account) ? packaged : copyServerBinaries(packaged, elsewhere);
  return { home: makeHome(home, account), binaries, account };
}
