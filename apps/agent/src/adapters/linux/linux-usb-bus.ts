import { watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Cancel } from '@towline/kit';
import type { UsbBus } from '../../runtime/ports.ts';
import { type DirectoryTree, hostTree } from './directory-tree.ts';
import { readUsbDevices } from './sysfs-usb.ts';

/** A modem brings half a dozen ports within a moment. */
const gatherMs = 250;
const portNames = /^(ttyUSB|ttyACM|cdc-wdm)\d+$/;

export interface UsbBusOptions {
  readonly tree?: DirectoryTree;
  readonly deviceDirectory?: string;
  /** Ports that the configuration names: they may lie elsewhere. */
  readonly ttys?: readonly string[];
}

/** Tells of what comes and goes in a directory; nothing where it cannot be watched: whoever listens looks again by itself, only later. */
function watchNames(directory: string, isOurs: (name: string) => boolean, tell: () => void): Cancel {
  try {
    const watcher = watch(directory, { persistent: false }, (_event, name) => {
      if (name !== null && isOurs(name)) tell();
    });
    watcher.on('error', () => watcher.close());
    return () => watcher.close();
  } catch {
    return () => {};
  }
}

/**
 * The host's USB bus by sysfs. The kernel makes and removes the nodes of ports in /dev (devtmpfs), which inotify tells; sysfs itself tells
 * nothing that way. See docs/adr/0009-hot-plug.md.
 */
export function linuxUsbBus({ tree = hostTree, deviceDirectory = '/dev', ttys = [] }: UsbBusOptions = {}): UsbBus {
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
      const watches = [
        watchNames(deviceDirectory, (name) => portNames.test(name), gather),
        ...ttys.map((path) => watchNames(dirname(path), (name) => name === basename(path), gather)),
      ];
      return () => {
        for (const cancel of watches) cancel();
        if (timer) clearTimeout(timer);
      };
    },
  };
}
