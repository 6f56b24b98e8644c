import { Fault, faultCode } from '@towline/kit';
import type { HostFiles } from '@towline/modem';
import type { HostOutcome } from '../../runtime/ports.ts';
import { type DirectoryTree, hostTree } from './directory-tree.ts';

interface ReloadParts {
  readonly files: HostFiles;
  readonly tree?: DirectoryTree;
}

const pathPattern = /^\d+-\d+(\.\d+)*$/;
const reasonOf = (error: unknown) => (error instanceof Fault ? error.message : faultCode(error));

/** One interface and the driver that held it. */
interface Held {
  readonly name: string;
  readonly driver: string;
}

function heldOf(tree: DirectoryTree, usbPath: string): readonly Held[] {
  const device = `/sys/bus/usb/devices/${usbPath}`;
  const names = tree.list(device).filter((name) => name.startsWith(`${usbPath}:`));
  return names.flatMap((name) => {
    const driver = tree.linkName(`${device}/${name}/driver`);
    return driver === null ? [] : [{ name, driver }];
  });
}

/**
 * Unbinds the interfaces of one USB device from their drivers and binds them again (sysfs-bus-usb). The drivers stay loaded: other modems
 * may live by them. A driver that holds two interfaces (cdc_mbim, cdc_ether) lets go of both with the first, and takes both again.
 */
export async function reloadDrivers({ files, tree = hostTree }: ReloadParts, usbPath: string): Promise<HostOutcome> {
  const held = pathPattern.test(usbPath) ? heldOf(tree, usbPath) : [];
  if (held.length === 0)
    return { ok: false, failure: { code: 'host.driver-missing', evidence: [`no driver holds anything of ${usbPath}`] } };
  const bound = ({ name }: Held) => tree.linkName(`/sys/bus/usb/devices/${usbPath}/${name}/driver`) !== null;
  const reasons: string[] = [];
  const write = async (one: Held, file: 'bind' | 'unbind') => {
    try {
      await files.write(`/sys/bus/usb/drivers/${one.driver}/${file}`, one.name);
    } catch (error) {
      reasons.push(`${one.driver}/${file} ${one.name}: ${reasonOf(error)}`);
    }
  };
  for (const one of held) if (bound(one)) await write(one, 'unbind');
  for (const one of held) if (!bound(one)) await write(one, 'bind');
  const lost = held.filter((one) => !bound(one));
  if (lost.length === 0) return { ok: true };
  const evidence = [...lost.map(({ name, driver }) => `${driver} does not hold ${name} any more`), ...reasons];
  return { ok: false, failure: { code: 'host.driver-missing', evidence: evidence.slice(0, 8) } };
}
