import { Fault } from '@towline/kit';
import { describe, expect, it } from 'vitest';
import { reloadDrivers } from './driver-reloader.ts';

type Bindings = Readonly<Record<string, string>>;

/** Drivers and interfaces of one device as a kernel has them: a CDC driver takes and lets go of both its interfaces. */
function kernel(drivers: Bindings, pairs: readonly (readonly [string, string])[] = [], refuses?: string) {
  const bound = new Map(Object.entries(drivers));
  const written: string[] = [];
  const together = (name: string) => pairs.find((pair) => pair.includes(name)) ?? [name];
  return {
    bound,
    written,
    files: {
      read: async () => null,
      remove: async () => {},
      async write(path: string, name: string) {
        const [driver = '', file = ''] = path.split('/').slice(-2);
        written.push(`${driver}/${file} ${name}`);
        if (file === 'unbind') for (const one of together(name)) bound.delete(one);
        else if (name === refuses) throw new Fault('file.unwritable', 'ENODEV');
        else for (const one of together(name)) bound.set(one, driver);
      },
    },
    tree: {
      list: (path: string) => (path.endsWith('/1-2') ? ['power', 'ep_00', ...Object.keys(drivers)] : []),
      text: () => null,
      linkName: (path: string) => bound.get(path.split('/').at(-2) ?? '') ?? null,
    },
  };
}

describe('drivers of one device', () => {
  it('let go of its interfaces and take them again, and no driver is unloaded', async () => {
    const host = kernel({ '1-2:1.2': 'option', '1-2:1.4': 'qmi_wwan' });
    expect(await reloadDrivers(host, '1-2')).toEqual({ ok: true });
    expect(host.written).toEqual(['option/unbind 1-2:1.2', 'qmi_wwan/unbind 1-2:1.4', 'option/bind 1-2:1.2', 'qmi_wwan/bind 1-2:1.4']);
  });

  it('that hold two interfaces are told once', async () => {
    const host = kernel({ '1-2:1.4': 'cdc_mbim', '1-2:1.5': 'cdc_mbim' }, [['1-2:1.4', '1-2:1.5']]);
    expect(await reloadDrivers(host, '1-2')).toEqual({ ok: true });
    expect(host.written).toEqual(['cdc_mbim/unbind 1-2:1.4', 'cdc_mbim/bind 1-2:1.4']);
  });

  it('are named when they do not take an interface again', async () => {
    const host = kernel({ '1-2:1.2': 'option', '1-2:1.4': 'qmi_wwan' }, [], '1-2:1.4');
    expect(await reloadDrivers(host, '1-2')).toMatchObject({
      ok: false,
      failure: { code: 'host.driver-missing', evidence: ['qmi_wwan does not hold 1-2:1.4 any more', expect.stringContaining('ENODEV')] },
    });
  });

  it('are none where nothing is bound', async () => {
    expect(await reloadDrivers(kernel({}), '1-2')).toMatchObject({ ok: false, failure: { code: 'host.driver-missing' } });
  });
});
