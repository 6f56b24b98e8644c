import { must } from '../gateway/expect.ts';
import type { LabDevice } from '../gateway/lab-device.ts';
import { stateDirInGuest } from '../gateway/lab-device.ts';
import { runTool } from '../run-tool.ts';
import type { Guest } from './guest.ts';

const sizeOfDisk = '32M';

/** A disk image with ext4 on it that holds what a device keeps; what a guest did not sync is lost when its qemu is killed. */
export function makeStateDisk(device: Pick<LabDevice, 'stateDir'>, image: string): void {
  runTool(['mkfs.ext4', '-q', '-F', '-d', device.stateDir, image, sizeOfDisk]);
}

/** Puts the state directory of the guest's agent on its disk. */
export async function mountStateDisk(guest: Guest): Promise<void> {
  for (const module of ['virtio_blk', 'ext4']) await must(guest, ['modprobe', module]);
  await must(guest, ['mkdir', '-p', stateDirInGuest, '/etc/towline']);
  await must(guest, ['mount', '-t', 'ext4', '-o', 'noatime', '/dev/vda', stateDirInGuest]);
}
