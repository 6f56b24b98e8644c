import { waitUntil } from '@towline/demo';
import type { DataMode } from '@towline/modem';
import type { DeviceDetail } from '@towline/protocol/http';
import { claim, must } from '../gateway/expect.ts';
import { type ModemName, modemKinds } from '../gateway/modem-kinds.ts';
import { untilVerified } from '../gateway/reported.ts';
import { claimBearerAlone } from '../gateway/session-path.ts';
import { untilGone } from '../gateway/usb-in-guest.ts';
import { bringOnline, type OnlineGateway } from './online.ts';
import type { Story, Telling } from './story.ts';

const replugged: readonly (readonly [ModemName, DataMode])[] = [
  ['bg96', 'qmi'],
  ['bg96', 'ppp'],
  ['ec200a', 'ecm'],
  ['ec25', 'mbim'],
  ['mc7455', 'qmi'],
];

/** The device's stream of reports goes on: what it says after this was said after this. */
const reportedAt = ({ reported }: DeviceDetail) => reported?.at ?? '';

/** Unplugs while it is online, and waits until the agent is online again with the same modem. */
export async function pullAndReturn({ gateway, site }: Telling, { device, modem }: OnlineGateway, mode: DataMode): Promise<void> {
  const before = reportedAt(await device.look());
  modem.usb.unplug();
  await untilGone(gateway.guest, modem.usbPath);
  modem.usb.plug();
  await waitUntil('a report from after the removal', async () => (reportedAt(await device.look()) > before ? true : null), {
    timeoutMs: 150_000,
    everyMs: 500,
  });
  await untilVerified(device, mode);
  await claimBearerAlone(gateway.guest, site);
}

const story = (modem: ModemName, mode: DataMode): Story => ({
  name: `replug-${modem}-${mode}`,
  sentence: `Torn out while it is online in ${mode} mode and plugged in again, ${modem} comes online by itself.`,
  family: modemKinds[modem].family,
  proves: [],
  boundMs: 420_000,
  async run(telling) {
    const online = await bringOnline(telling, { name: modem, mode });
    await pullAndReturn(telling, online, mode);
    telling.say('torn out, plugged in again, online again over the bearer');
    await online.agent.stop();
  },
});

interface Holdings {
  readonly processes: number;
  readonly descriptors: number;
}

/** Tools of ours that run in the guest, and files that the agent holds open. */
async function holdingsOf({ gateway }: Telling): Promise<Holdings> {
  const names = 'pppd|chat|qmicli|mbimcli|udhcpc|qmi-proxy|mbim-proxy';
  const script = `pgrep -c -x '${names}'; ls "/proc/$(pgrep -f 'towline-agent.cjs run' | head -1)/fd" | wc -l`;
  const [processes = '0', descriptors = '0'] = (await must(gateway.guest, ['bash', '-c', script])).split('\n');
  return { processes: Number(processes), descriptors: Number(descriptors) };
}

const cycles = 20;

const twentyReplugs: Story = {
  name: 'twenty-replugs',
  sentence:
    'Torn out and plugged in again twenty times in a row, mc7455 is online each time, and no process, open file or QMI client is left over.',
  family: 'mc7455',
  proves: ['3.4'],
  boundMs: 2_400_000,
  async run(telling) {
    const online = await bringOnline(telling, { name: 'mc7455', mode: 'qmi' });
    const before = await holdingsOf(telling);
    for (let cycle = 1; cycle <= cycles; cycle += 1) {
      await pullAndReturn(telling, online, 'qmi');
      if (cycle % 5 === 0) telling.say(`${cycle} times: ${JSON.stringify(await holdingsOf(telling))}`);
    }
    const after = await holdingsOf(telling);
    claim('no process is left over', after.processes <= before.processes, { before, after });
    // A request under way holds a few for a moment; a leak of one each cycle would hold twenty.
    claim('no open file is left over', after.descriptors <= before.descriptors + 5, { before, after });
    await online.agent.stop();
  },
};

export const replugStories: readonly Story[] = [...replugged.map(([modem, mode]) => story(modem, mode)), twentyReplugs];
