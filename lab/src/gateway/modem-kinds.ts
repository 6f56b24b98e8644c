import type { DataMode } from '@towline/modem';

/** One kind of modem that the lab has. */
export interface ModemKind {
  /** Model id of @towline/modem. */
  readonly model: string;
  readonly family: Family;
  /** As the field reports name them, in the order in which stories go. */
  readonly modes: readonly DataMode[];
  /** Made up, 15 digits; each kind has its own. */
  readonly imei: string;
}

/** What shares a guest in CI. */
export type Family = 'bg96' | 'ec200a' | 'ec25' | 'mc7455' | 'em7565';

/** The modems that Towline is proven with, by the name that the command line takes. */
export const modemKinds = {
  bg96: { model: 'bg96', family: 'bg96', modes: ['qmi', 'ppp'], imei: '866425030000011' },
  ec200a: { model: 'ec200a', family: 'ec200a', modes: ['ecm', 'rndis', 'ppp'], imei: '866425030000029' },
  ec25: { model: 'ec25', family: 'ec25', modes: ['qmi', 'mbim', 'ecm', 'rndis', 'ppp'], imei: '866425030000037' },
  mc7455: { model: 'mc7455', family: 'mc7455', modes: ['qmi', 'mbim'], imei: '866425030000045' },
  em7455: { model: 'em7455', family: 'mc7455', modes: ['qmi', 'mbim'], imei: '866425030000060' },
  em7565: { model: 'em7565', family: 'em7565', modes: ['qmi', 'mbim'], imei: '866425030000052' },
} as const satisfies Readonly<Record<string, ModemKind>>;

export type ModemName = keyof typeof modemKinds;

export const modemNames: readonly ModemName[] = ['bg96', 'ec200a', 'ec25', 'mc7455', 'em7455', 'em7565'];

export const isModemName = (text: string): text is ModemName => modemNames.some((name) => name === text);
