import { watch } from 'node:fs';
import type { UsbBus } from '../../runtime/ports.ts';
import { type DirectoryTree, hostTree } from './directory-tree.ts';
import { readUsbDevices } from './sysfs-usb.ts';

/** A modem brings half a dozen ports within a moment. */
const gatherMs = 250;
const portNames = /^(ttyUSB|ttyACM|cdc-wdm)\d+$/;

/**
 * The host's USB bus by sysfs. The kernel makes and removes the nodes of ports in /dev (devtmpfs), which inotify tells; sysfs itself tells
 * nothing that way. See docs/adr/0009-hot-plug.md.
 */
export function linuxUsbBus(tree: DirectoryTree = hostTree, deviceDirectory = '/dev'): UsbBus {
  return {
    devices: () => readUsbDevices(tree),
    onChange(listen) {
      let timer: NodeJS.Timeout | null = null;
      const gather = () => {
        timer ??= setTimeout(() => {
          timer = null;
          listen();
        }, gatherMs);
      };
      try {
        const watcher = watch(deviceDirectory, { persistent: false }, (_event, name) => {
          if (name !== null && portNames.test(name)) gather();
        });
        // Out of inotify watches, say: whoever listens looks again by itself, only later.
        watcher.on('error', () => watcher.close());
        return () => {
          watcher.close();
          if (timer) clearTimeout(timer);
        };
      } catch {
        return () => {};
      }
    },
  };
}
