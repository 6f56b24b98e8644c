import type { DataMode } from '@towline/modem';
import { accessPoints } from '../gateway/lab-operators.ts';
import type { Setting } from '../gateway/setting.ts';

/** What is ordered of a gateway: another access point, or another data mode. */
export const changeNames = ['apn', 'mode'] as const;
export type ChangeName = (typeof changeNames)[number];

/** The modems that are changed, and the two data modes between which they go. */
const modes = { ec25: ['qmi', 'mbim'], ec200a: ['ecm', 'rndis'] } as const satisfies Readonly<Record<string, readonly DataMode[]>>;
export type FaultModem = keyof typeof modes;
export const faultModems: readonly FaultModem[] = ['ec25', 'ec200a'];

const apns = [accessPoints.internet, accessPoints.dual] as const;

export const firstSetting = (modem: FaultModem): Setting => ({ apn: apns[0], mode: modes[modem][0] });

/** Where a change leads from a setting: there and back again, change after change. */
export function changed(modem: FaultModem, change: ChangeName, { apn, mode }: Setting): Setting {
  const [first, second] = modes[modem];
  if (change === 'apn') return { apn: apn === apns[0] ? apns[1] : apns[0], mode };
  return { apn, mode: mode === first ? second : first };
}

export const isSame = (left: Setting, right: Setting): boolean => left.apn === right.apn && left.mode === right.mode;
