import type { ProcessEnd } from '@towline/modem';
import { describe, expect, it } from 'vitest';
import { bindDrivers } from './driver-binder.ts';

function host(end: ProcessEnd = { kind: 'exited', code: 0 }) {
  const ran: string[] = [];
  const written: string[] = [];
  return {
    ran,
    written,
    processes: {
      async run(argv: readonly string[]) {
        ran.push(argv.join(' '));
        return { end, stdout: '', stderr: 'modprobe: FATAL: Module qcserial not found in directory /lib/modules/6.1.0' };
      },
      start: () => ({ onLine: () => () => {}, onEnd: () => () => {}, stop: async () => end }),
    },
    files: {
      read: async () => null,
      write: async (path: string, text: string) => void written.push(`${path}: ${text}`),
      remove: async () => {},
    },
  };
}

describe('drivers of a modem', () => {
  it('are loaded', async () => {
    const { ran, written, ...parts } = host();
    expect(await bindDrivers(parts, { drivers: ['qmi_wwan', 'option'], vidPid: '2c7c:0296', like: null })).toEqual({ ok: true });
    expect({ ran, written }).toEqual({ ran: ['modprobe -a qmi_wwan option'], written: [] });
  });

  it('are told of an id that they do not list by one that they do, serial ones first', async () => {
    const { written, ...parts } = host();
    await bindDrivers(parts, { drivers: ['qmi_wwan', 'qcserial'], vidPid: '1199:90c3', like: '1199:9091' });
    expect(written).toEqual([
      '/sys/bus/usb-serial/drivers/qcserial/new_id: 1199 90c3 0 1199 9091',
      '/sys/bus/usb/drivers/qmi_wwan/new_id: 1199 90c3 0 1199 9091',
    ]);
  });

  it('are named where the kernel came without them', async () => {
    const parts = host({ kind: 'exited', code: 1 });
    expect(await bindDrivers(parts, { drivers: ['qcserial'], vidPid: '1199:9091', like: null })).toMatchObject({
      ok: false,
      failure: { code: 'host.driver-missing', evidence: ['modprobe -a qcserial', expect.stringContaining('not found')] },
    });
  });
});
