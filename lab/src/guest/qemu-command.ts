import type { GuestKernel } from '../prepare/kernel.ts';

export type Accelerator = 'tcg' | 'kvm';

export interface QemuOptions {
  readonly kernel: GuestKernel;
  readonly initramfs: string;
  readonly accelerator: Accelerator;
  /** Gets everything that the kernel says. */
  readonly kernelLog: string;
  /** TCP port of the host that the guest's resident connects to. */
  readonly controlPort: number;
  readonly resident: string;
  /** Start file of an interactive shell on our own terminal; none without it. */
  readonly shellFile?: string;
  readonly memoryMiB?: number;
  /** Image of a disk that outlives the guest, `/dev/vda`; none without it. */
  readonly disk?: string;
}

const accelerators: Readonly<Record<Accelerator, readonly string[]>> = {
  tcg: ['-accel', 'tcg,thread=multi,tb-size=128', '-cpu', 'qemu64'],
  kvm: ['-accel', 'kvm', '-cpu', 'host'],
};

function kernelWords({ kernel, controlPort, resident, shellFile }: QemuOptions): string {
  const lab = { node: process.execPath, resident, control: controlPort, modules: kernel.modules, ...(shellFile && { shell: shellFile }) };
  const words = Object.entries(lab).map(([name, value]) => `lab.${name}=${value}`);
  // On a busy host the emulated timer is late, which the kernel's check at boot takes for a broken one and panics of.
  return ['console=ttyS0', 'panic=-1', 'quiet', 'mitigations=off', 'random.trust_cpu=on', 'no_timer_check', ...words].join(' ');
}

/**
 * The command of one guest: the host's root by 9p, an Ethernet uplink by qemu's user network (the host is 10.0.2.2), two serial lines.
 * Boots the uncompressed kernel by PVH; `-M microvm` does not boot Debian's kernel.
 */
export function qemuCommand(options: QemuOptions): string[] {
  const { kernel, initramfs, accelerator, kernelLog, shellFile, memoryMiB = 320, disk } = options;
  const groups: readonly (readonly string[])[] = [
    ['qemu-system-x86_64', ...accelerators[accelerator]],
    ['-M', 'pc', '-m', String(memoryMiB), '-nodefaults', '-no-reboot', '-display', 'none', '-monitor', 'none'],
    ['-kernel', kernel.image, '-initrd', initramfs, '-append', kernelWords(options)],
    ['-virtfs', 'local,path=/,mount_tag=hostroot,security_model=none,readonly=on,multidevs=remap'],
    ['-netdev', 'user,id=uplink', '-device', 'virtio-net-pci,netdev=uplink,romfile=', '-device', 'virtio-rng-pci'],
    ['-serial', `file:${kernelLog}`],
    disk === undefined ? [] : ['-drive', `file=${disk},if=virtio,format=raw`],
    shellFile === undefined ? [] : ['-chardev', 'stdio,id=shell,signal=off', '-serial', 'chardev:shell'],
  ];
  return groups.flat();
}
