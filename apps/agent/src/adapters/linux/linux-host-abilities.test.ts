import { describe, expect, it } from 'vitest';
import { kernelModules } from './linux-host-abilities.ts';

const files: Readonly<Record<string, string>> = {
  '/lib/modules/6.1.0/modules.builtin': 'kernel/drivers/net/ppp/ppp_generic.ko\nkernel/net/core/dummy-x.ko',
  '/lib/modules/6.1.0/modules.dep':
    'kernel/drivers/net/usb/qmi_wwan.ko.xz: kernel/drivers/usb/class/cdc-wdm.ko.xz\nkernel/drivers/usb/serial/option.ko:',
};

const tree = {
  list: (path: string) => (path === '/sys/module' ? ['usbcore', 'cdc_ether'] : []),
  text: (path: string) => files[path] ?? null,
  linkName: () => null,
};

describe('kernel modules', () => {
  it('are those that are loaded, built in, or there to be loaded', () => {
    expect([...kernelModules(tree, '6.1.0')].toSorted()).toEqual(['cdc_ether', 'dummy_x', 'option', 'ppp_generic', 'qmi_wwan', 'usbcore']);
  });

  it('are those that are loaded where the kernel came without lists', () => {
    expect([...kernelModules(tree, '9.9')].toSorted()).toEqual(['cdc_ether', 'usbcore']);
  });
});
