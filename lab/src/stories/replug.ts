import { Fault, faultText } from '@towline/kit';
import type { DataMode } from '@towline/modem';
import type { DeviceDetail } from '@towline/protocol/http';
import { must } from '../gateway/expect.ts';
import { type ModemName, modemKinds } from '../gateway/modem-kinds.ts';
import { untilVerified } from '../gateway/reported.ts';
import { claimBearerAlone } from '../gateway/session-path.ts';
import { untilGone } from '../gateway/usb-in-guest.ts';
import { waitFor } from '../patience.ts';
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

interface Pull {
  readonly mode: DataMode;
  /** Only its data lines part, as where a module has its own supply. */
  readonly keepsPower?: boolean;
}

/** Takes it off the bus while it is online, and waits until the agent is online again with the same modem. */
async function pullAndReturn({ gateway, site }: Telling, { device, modem }: OnlineGateway, pull: Pull): Promise<void> {
  const { mode, keepsPower = false } = pull;
  const before = reportedAt(await device.look());
  if (keepsPower) modem.usb.part();
  else modem.usb.unplug();
  await untilGone(gateway.guest, modem.usbPath);
  if (keepsPower) modem.usb.rejoin();
  else modem.usb.plug();
  await waitFor('a report from after the removal', async () => (reportedAt(await device.look()) > before ? true : null), {
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
    await pullAndReturn(telling, online, { mode });
    telling.say('torn out, plugged in again, online again over the bearer');
    await online.agent.stop();
  },
});

/** What twenty replugs could leave behind. */
interface Holdings {
  /** Tools of ours that run in the guest. */
  readonly processes: number;
  /** Files that the agent and the proxies hold open. */
  readonly descriptors: number;
  /** Those of them that are devices of a life before. */
  readonly dead: number;
  /** Client ids in the modem's own book. */
  readonly qmiClients: number;
}

const lookAtHoldings = `
pgrep -c -x 'pppd|chat|qmicli|mbimcli|udhcpc|qmi-proxy|mbim-proxy'
for pid in $(pgrep -f '[c]js run --config') $(pgrep -x 'qmi-proxy|mbim-proxy'); do ls -l "/proc/$pid/fd" 2>/dev/null; done > /run/holdings
grep -c ' -> ' /run/holdings
grep -c ' -> /dev/.*(deleted)$' /run/holdings
exit 0
`;

async function holdingsOf({ gateway: { guest } }: Telling, { modem }: OnlineGateway): Promise<Holdings> {
  const [processes = 0, descriptors = 0, dead = 0] = (await must(guest, ['bash', '-c', lookAtHoldings])).split('\n').map(Number);
  return { processes, descriptors, dead, qmiClients: modem.usb.qmiClients };
}

const noMoreThan = (now: Holdings, before: Holdings) =>
  now.processes <= before.processes &&
  now.descriptors <= before.descriptors &&
  now.dead <= before.dead &&
  now.qmiClients <= before.qmiClients;

/** A request that is under way holds a few for a moment; what has leaked stays. */
async function untilNothingIsLeft(telling: Telling, online: OnlineGateway, before: Holdings): Promise<Holdings> {
  let now = before;
  const look = async () => {
    now = await holdingsOf(telling, online);
    return noMoreThan(now, before) ? now : null;
  };
  return waitFor('everything to be let go', look, { timeoutMs: 60_000, everyMs: 1000 }).catch((error: unknown) => {
    throw new Fault('story.untrue', `${faultText(error)}: before ${JSON.stringify(before)}, now ${JSON.stringify(now)}`);
  });
}

const cycles = 20;
const dialMs = 120_000;

/** Off the bus and back as soon as it is dialled again: whatever the agent was about to do with it then is cut short. */
async function replugOnceDialled({ gateway }: Telling, { agent, modem }: OnlineGateway): Promise<void> {
  const dials = agent.told('modem.dialled');
  modem.usb.part();
  await untilGone(gateway.guest, modem.usbPath);
  modem.usb.rejoin();
  await waitFor('the next dial', () => (agent.told('modem.dialled') > dials ? true : null), { timeoutMs: dialMs });
}

const twentyReplugs: Story = {
  name: 'twenty-replugs',
  sentence:
    'Off the bus and back twenty times in a row, each time as soon as it is dialled, while its module keeps its power, mc7455 is online in the end, and no process, open file or QMI client is left over.',
  family: 'mc7455',
  proves: ['3.4'],
  boundMs: 900_000,
  async run(telling) {
    const online = await bringOnline(telling, { name: 'mc7455', mode: 'qmi' });
    const before = await holdingsOf(telling, online);
    for (let cycle = 1; cycle < cycles; cycle += 1) {
      await replugOnceDialled(telling, online);
      if (cycle % 5 === 0) telling.say(`${cycle} times: ${JSON.stringify(await holdingsOf(telling, online))}`);
    }
    await pullAndReturn(telling, online, { mode: 'qmi', keepsPower: true });
    const after = await untilNothingIsLeft(telling, online, before);
    telling.say(`${cycles} times, and online: ${JSON.stringify(after)} where it was ${JSON.stringify(before)}`);
    await online.agent.stop();
  },
};

export const replugStories: readonly Story[] = [...replugged.map(([modem, mode]) => story(modem, mode)), twentyReplugs];
