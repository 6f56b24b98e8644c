import { accessSync, constants, existsSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '@towline/kit';
import type { HostAbilities, HostProgram } from '@towline/modem';
import { type DirectoryTree, hostTree } from './directory-tree.ts';

const programs: readonly HostProgram[] = ['ip', 'qmicli', 'mbimcli', 'pppd', 'chat', 'udhcpc'];
/** Where the process runner looks, whatever started the agent. */
const searchPath = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** `kernel/drivers/net/usb/qmi_wwan.ko.xz: …` names qmi_wwan; dashes and underscores are one to modprobe. */
const moduleOf = (line: string) => (/([^/\s:]+)\.ko(\.\w+)?(:|$)/.exec(line)?.[1] ?? '').replaceAll('-', '_');

/** Modules that are loaded, built in, or there to be loaded (modules.builtin and modules.dep of kmod). */
export function kernelModules(tree: DirectoryTree, kernel: string): ReadonlySet<string> {
  const listed = ['modules.builtin', 'modules.dep'].flatMap((file) => (tree.text(`/lib/modules/${kernel}/${file}`) ?? '').split('\n'));
  return new Set([...tree.list('/sys/module'), ...listed.map(moduleOf)].filter((name) => name !== ''));
}

/** Programs are installed seldom, and the module list is long. */
const freshMs = 60_000;

/** What this host can do; looked up anew when the last look is a minute old. */
export function linuxHostAbilities(clock: Clock, tree: DirectoryTree = hostTree): () => HostAbilities {
  let found = { abilities: abilitiesOf(tree), atMs: clock.monotonicMs() };
  return () => {
    if (clock.monotonicMs() - found.atMs > freshMs) found = { abilities: abilitiesOf(tree), atMs: clock.monotonicMs() };
    return found.abilities;
  };
}

function abilitiesOf(tree: DirectoryTree): HostAbilities {
  const kernel = release();
  const modules = kernelModules(tree, kernel);
  return {
    kernel,
    modules,
    programs: new Set(programs.filter((name) => searchPath.some((directory) => isExecutable(join(directory, name))))),
    hasPpp: existsSync('/dev/ppp') || modules.has('ppp_generic'),
  };
}
