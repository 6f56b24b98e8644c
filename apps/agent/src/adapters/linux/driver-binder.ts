import { Fault, faultCode } from '@towline/kit';
import type { HostFiles, ProcessRunner } from '@towline/modem';
import type { BindRequest, HostOutcome } from '../../runtime/ports.ts';

const bounds = { timeoutMs: 30_000, maxOutputBytes: 4_096 } as const;
/** usb-serial drivers have a folder of their own, and option another name in it (drivers/usb/serial/option.c). */
const serial: Readonly<Record<string, string>> = { option: 'option1', qcserial: 'qcserial' };

const isSerial = (driver: string) => driver in serial;
const newIdFile = (driver: string) =>
  isSerial(driver) ? `/sys/bus/usb-serial/drivers/${serial[driver]}/new_id` : `/sys/bus/usb/drivers/${driver}/new_id`;

/** `1199:90c3`, like `1199:9091`: the driver treats it as that one (usb_store_new_id in drivers/usb/core/driver.c). */
const newIdText = (vidPid: string, like: string) => `${vidPid.replace(':', ' ')} 0 ${like.replace(':', ' ')}`;

/** Loads drivers by modprobe, and tells them of ids that the kernel does not list. Neither outlives a restart of the host. */
export async function bindDrivers(
  { processes, files }: { processes: ProcessRunner; files: HostFiles },
  request: BindRequest,
): Promise<HostOutcome> {
  const { drivers, vidPid, like } = request;
  const loaded = await processes.run(['modprobe', '-a', ...drivers], bounds);
  if (loaded.end.kind !== 'exited' || loaded.end.code !== 0) {
    return {
      ok: false,
      failure: { code: 'host.driver-missing', evidence: [`modprobe -a ${drivers.join(' ')}`, loaded.stderr.trim().slice(0, 160)] },
    };
  }
  if (like === null) return { ok: true };
  // Serial drivers first: they leave the network interface alone, while a network driver would try every interface.
  for (const driver of drivers.toSorted((left, right) => Number(isSerial(right)) - Number(isSerial(left)))) {
    try {
      await files.write(newIdFile(driver), newIdText(vidPid, like));
    } catch (error) {
      const reason = error instanceof Fault ? error.message : faultCode(error);
      return { ok: false, failure: { code: 'host.not-permitted', evidence: [`${newIdFile(driver)}: ${reason}`] } };
    }
  }
  return { ok: true };
}
