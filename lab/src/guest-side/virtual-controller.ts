import { readFileSync, writeFileSync } from 'node:fs';
import { descriptorOf, type ImportedDevice } from './usbip-import.ts';

const controller = '/sys/devices/platform/vhci_hcd.0';
/** VDEV_ST_NULL of tools/usb/usbip/libsrc/vhci_driver.c: nothing on the port. */
const isFreeState = '004';

/** Whether nothing is attached to a port. Ports of high speed come first, from 0. */
export function isPortFree(port: number): boolean {
  const row = readFileSync(`${controller}/status`, 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .find(([, number]) => Number(number) === port);
  return row?.[2] === isFreeState;
}

/**
 * Hands the connection of an imported device over to the kernel. Ours is closed then: the kernel keeps its own.
 * @throws EBUSY-like errors of the kernel while the port still is in use
 */
export function attachToPort(port: number, { socket, deviceId, speed }: ImportedDevice): void {
  writeFileSync(`${controller}/attach`, `${port} ${descriptorOf(socket)} ${deviceId} ${speed}`);
  socket.destroy();
}
