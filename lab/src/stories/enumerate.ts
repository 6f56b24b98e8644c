import type { DataMode } from '@towline/modem';
import { type ModemName, modemKinds } from '../gateway/modem-kinds.ts';
import { type KernelDriver, untilBound, untilGone } from '../gateway/usb-in-guest.ts';
import type { Story } from './story.ts';

type Layout = readonly (readonly [interfaceNumber: number, driver: KernelDriver])[];

const serial = (driver: KernelDriver, ...numbers: readonly number[]): Layout => numbers.map((number) => [number, driver]);

interface Enumeration {
  readonly modem: ModemName;
  readonly mode: DataMode;
  readonly layout: Layout;
  readonly proves: readonly string[];
}

/** Written by hand from the field reports and the alias tables of Debian's kernel, not from the model files that the agent reads. */
const enumerations: readonly Enumeration[] = [
  { modem: 'bg96', mode: 'qmi', layout: [...serial('option', 0, 1, 2, 3), [4, 'qmi_wwan']], proves: ['0.1', '0.4', '0.6'] },
  { modem: 'ec200a', mode: 'ecm', layout: [...serial('cdc_ether', 0, 1), ...serial('option', 2, 3, 4, 6)], proves: ['1.1', '1.2'] },
  { modem: 'ec200a', mode: 'rndis', layout: [...serial('rndis_host', 0, 1), ...serial('option', 2, 3, 4, 6)], proves: ['1.2'] },
  { modem: 'ec25', mode: 'qmi', layout: [...serial('option', 0, 1, 2, 3), [4, 'qmi_wwan']], proves: [] },
  { modem: 'ec25', mode: 'mbim', layout: [...serial('option', 0, 1, 2, 3), ...serial('cdc_mbim', 4, 5)], proves: [] },
  { modem: 'ec25', mode: 'ecm', layout: [...serial('option', 0, 1, 2, 3), ...serial('cdc_ether', 4, 5)], proves: [] },
  { modem: 'ec25', mode: 'rndis', layout: [...serial('option', 0, 1, 2, 3), ...serial('rndis_host', 4, 5)], proves: [] },
  { modem: 'mc7455', mode: 'qmi', layout: [...serial('qcserial', 0, 2, 3), [8, 'qmi_wwan']], proves: ['2.2'] },
  { modem: 'mc7455', mode: 'mbim', layout: [...serial('qcserial', 0, 2, 3), ...serial('cdc_mbim', 12, 13)], proves: ['2.4'] },
  { modem: 'em7565', mode: 'qmi', layout: [...serial('qcserial', 0, 2, 3), [8, 'qmi_wwan']], proves: [] },
  { modem: 'em7565', mode: 'mbim', layout: [...serial('qcserial', 0, 2, 3), ...serial('cdc_mbim', 12, 13)], proves: [] },
];

function story({ modem, mode, layout, proves }: Enumeration): Story {
  return {
    name: `enumerate-${modem}-${mode}`,
    sentence: `Debian's kernel binds its own drivers to the interfaces of ${modem} in ${mode} mode, and lets go of all of them on unplugging.`,
    family: modemKinds[modem].family,
    proves,
    inCi: true,
    boundMs: 120_000,
    async run({ gateway, say }) {
      const laid = await gateway.layOne({ name: modem, mode, plugged: true });
      await untilBound(gateway.guest, laid.usbPath, new Map(layout));
      say(`bound: ${layout.map(([number, driver]) => `${number} ${driver}`).join(', ')}`);
      laid.usb.unplug();
      await untilGone(gateway.guest, laid.usbPath);
      say('unplugged: nothing of it is left');
    },
  };
}

export const enumerateStories: readonly Story[] = enumerations.map(story);
