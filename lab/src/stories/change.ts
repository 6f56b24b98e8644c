import type { DataMode } from '@towline/modem';
import type { DeviceDetail } from '@towline/protocol/http';
import { claim } from '../gateway/expect.ts';
import { assign } from '../gateway/lab-device.ts';
import { accessPoints } from '../gateway/lab-operators.ts';
import { type ModemName, modemKinds } from '../gateway/modem-kinds.ts';
import { isConfirmed, untilReported } from '../gateway/reported.ts';
import { claimBearerAlone } from '../gateway/session-path.ts';
import { profileOf, type Setting } from '../gateway/setting.ts';
import { bringOnline } from './online.ts';
import type { Story, Telling } from './story.ts';

/** A good change, and after it one that cannot be. */
interface Change {
  readonly name: string;
  readonly modem: ModemName;
  readonly from: DataMode;
  readonly good: Setting;
  readonly bad: Setting;
  /** What the control plane hears of the bad one. */
  readonly code: string;
}

const changes: readonly Change[] = [
  {
    name: 'change-apn-ec200a',
    modem: 'ec200a',
    from: 'ecm',
    good: { apn: accessPoints.dual, mode: 'ecm' },
    bad: { apn: accessPoints.foreign, mode: 'ecm' },
    code: 'apn.not-subscribed',
  },
  {
    name: 'change-apn-ec25',
    modem: 'ec25',
    from: 'qmi',
    good: { apn: accessPoints.dual, mode: 'qmi' },
    bad: { apn: accessPoints.unknown, mode: 'qmi' },
    code: 'apn.unknown',
  },
  {
    name: 'change-mode-ec200a',
    modem: 'ec200a',
    from: 'ecm',
    good: { apn: accessPoints.internet, mode: 'rndis' },
    bad: { apn: accessPoints.foreign, mode: 'ecm' },
    code: 'apn.not-subscribed',
  },
  {
    name: 'change-mode-ec25',
    modem: 'ec25',
    from: 'qmi',
    good: { apn: accessPoints.internet, mode: 'mbim' },
    bad: { apn: accessPoints.foreign, mode: 'qmi' },
    code: 'apn.not-subscribed',
  },
];

const isOn = ({ online, reported }: DeviceDetail, { apn, mode }: Setting) =>
  online && reported?.modems[0]?.bearer?.requestedApn === apn && reported.modems[0].bearer.dataMode === mode;

async function run(telling: Telling, { modem, from, good, bad, code }: Change): Promise<void> {
  const { gateway, site, say, name } = telling;
  const { device, agent } = await bringOnline(telling, { name: modem, mode: from });
  const { api } = await site.controlPlane();
  const order = (setting: Setting, which: string) => assign(api, device.id, { name: `${name}-${which}`, profile: profileOf(setting) });
  await order(good, 'good');
  await untilReported(device, `${good.apn} by ${good.mode} to be confirmed`, (told) => isOn(told, good) && isConfirmed(told));
  await claimBearerAlone(gateway.guest, site);
  say(`confirmed over its own bearer: ${good.apn} by ${good.mode}`);
  await order(bad, 'bad');
  const { target } = await untilReported(
    device,
    `${bad.apn} to be given up`,
    (told) => isOn(told, good) && told.target?.status === 'reverted',
  );
  claim(`it was given up for ${code}`, target?.fault?.code === code, target?.fault);
  await claimBearerAlone(gateway.guest, site);
  say(`back on ${good.apn} by ${good.mode}: ${target?.fault?.code}, ${target?.fault?.evidence.join(' | ').slice(0, 200)}`);
  await agent.stop();
}

const story = (change: Change): Story => ({
  name: change.name,
  sentence: `Ordered from ${change.from} to ${change.good.mode} by ${change.good.apn}, ${change.modem} is confirmed on it; ordered to ${change.bad.mode} by ${change.bad.apn}, it comes back by itself and tells ${change.code}.`,
  family: modemKinds[change.modem].family,
  proves: [],
  boundMs: 600_000,
  run: (telling) => run(telling, change),
});

export const changeStories: readonly Story[] = changes.map(story);
