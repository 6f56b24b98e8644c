/** For whoever builds worlds around the real agent: a disk that forgets, and what the agent's ports are made of. */
export type { HostStep, ObservedHost } from '../core/host-network/host-network.ts';
export type { ProbeReport } from '../core/host-network/probe.ts';
export { longestHoldMs } from '../core/transaction/moves.ts';
export { changeBudgetMs } from '../core/transaction/wanted.ts';
export type { UsbDevice, UsbInterface } from '../core/usb/usb-device.ts';
export type { BearerPath, HostPorts, LeaseOutcome, ProbeRequest, UsbBus } from '../runtime/ports.ts';
export type { Disk } from '../runtime/storage/disk.ts';
export { diskStore } from '../runtime/storage/disk-store.ts';
export type { Journal } from '../runtime/storage/journal.ts';
export { type CrashDisk, crashDisk, type Forgotten, type Survivors } from './crash-disk.ts';
export { bareInterface, kernelAfter } from './kernel-network.ts';
