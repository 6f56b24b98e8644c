import { askModem } from '../gateway/at-tty.ts';
import { claim } from '../gateway/expect.ts';
import { type ModemName, modemKinds, modemNames } from '../gateway/modem-kinds.ts';
import { ttyOf } from '../gateway/usb-in-guest.ts';
import type { Story } from './story.ts';

/** The interface of the AT port, by hand from the field reports. */
const atInterface: Readonly<Record<ModemName, number>> = { bg96: 2, ec200a: 3, ec25: 2, mc7455: 3, em7455: 3, em7565: 3 };

/** Field reports that name the operation for one of the modems. */
const proves: Partial<Record<ModemName, readonly string[]>> = { bg96: ['0.7'], ec200a: ['1.3'] };

const story = (modem: ModemName): Story => ({
  name: `at-${modem}`,
  sentence: `${modem} answers AT commands on the tty of its AT interface; without a card the chained query of report 1 ends with CME ERROR 10.`,
  family: modemKinds[modem].family,
  proves: proves[modem] ?? [],
  boundMs: 120_000,
  async run({ gateway, say }) {
    const { guest } = gateway;
    const { usbPath, simulated } = await gateway.layOne({ name: modem, plugged: true });
    const tty = await ttyOf(guest, usbPath, atInterface[modem]);
    const imei = await askModem(guest, tty, 'AT+CGSN');
    claim(`the IMEI is ${simulated.imei}`, imei.includes(simulated.imei), imei);
    say(`${tty}: ${imei.join(' / ')}`);
    simulated.removeSim();
    // Sierra modems begin with bare ERROR.
    await askModem(guest, tty, 'AT+CMEE=1');
    const chained = await askModem(guest, tty, 'at+cpin?;+csq;+cops?');
    claim('the chained query ends with CME ERROR 10', chained.at(-1) === '+CME ERROR: 10', chained);
    say(`no card: ${chained.join(' / ')}`);
  },
});

export const atStories: readonly Story[] = modemNames.map(story);
