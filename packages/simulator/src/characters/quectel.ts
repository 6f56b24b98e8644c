import type { DataMode } from '@towline/modem';
import { type CommandTable, type Handler, refused } from '../commands/command.ts';
import { quectelContextCommands } from '../commands/quectel/contexts.ts';
import { qtempAll, qtempNamed, qtempThree, quectelModuleCommands, quectelNrCommands } from '../commands/quectel/module.ts';
import { networkDeviceCommands } from '../commands/quectel/network-device.ts';
import { quectelSignalCommands } from '../commands/quectel/signal.ts';
import { threeGppCommands } from '../commands/three-gpp/index.ts';
import type { BandSetting, RatSetting } from '../modem/radio-limits.ts';
import { causeInNumbers, causeInWords } from './cause-report.ts';
import type { Character } from './character.ts';

const quectelCommands: CommandTable = {
  ...threeGppCommands,
  ...quectelSignalCommands,
  ...quectelModuleCommands,
  ...quectelContextCommands,
};

const unsupported: Handler = () => ({ lines: [], final: { kind: 'not-supported' } });

const bootLines = [
  { line: 'RDY', afterMs: 0 },
  { line: '+CFUN: 1', afterMs: 400 },
  { line: '+CPIN: READY', afterMs: 900 },
  { line: '+QUSIM: 1', afterMs: 1_000 },
  { line: '+QIND: SMS DONE', afterMs: 2_500 },
] as const;

/** The five values of `usbnet` on Qualcomm modules of the vendor. */
const qualcommModes: ReadonlyMap<string, DataMode> = new Map([
  ['0', 'qmi'],
  ['1', 'ecm'],
  ['2', 'mbim'],
  ['3', 'rndis'],
  ['5', 'ncm'],
]);

const etherModes: ReadonlyMap<string, DataMode> = new Map([
  ['1', 'ecm'],
  ['3', 'rndis'],
]);

/** `AT+QCFG="nwscanmode"`. */
const scanMode: RatSetting = {
  key: 'nwscanmode',
  factory: '0',
  leaves: new Map([
    ['1', ['gsm']],
    ['2', ['umts']],
    ['3', ['lte', 'lte-m', 'nb-iot']],
  ]),
};

/** `AT+QCFG="iotopmode"` of modules for both. */
const iotMode: RatSetting = {
  key: 'iotopmode',
  factory: '0',
  leaves: new Map([
    ['0', ['gsm', 'lte-m']],
    ['1', ['gsm', 'nb-iot']],
  ]),
};

/** `AT+QNWPREFCFG="mode_pref"`. */
const preferredModes: RatSetting = {
  key: 'mode_pref',
  factory: 'AUTO',
  leaves: new Map([
    ['WCDMA', ['umts']],
    ['LTE', ['lte']],
    ['NR5G', ['nr-sa', 'nr-nsa']],
  ]),
};

/** The first mask is of older technologies, in bits of its own. Bands as the makers' specifications have them. */
const masksOf = (first: Omit<BandSetting, 'name'>, ...others: readonly Omit<BandSetting, 'name'>[]): readonly BandSetting[] =>
  [{ rat: null, bands: [1, 2, 5, 8] }, first, ...others].map((setting, index) => ({ ...setting, name: `${index + 1}` }));
const lteOfEurope = [1, 3, 7, 8, 20, 28, 38, 40, 41];
const lpwaBands = [1, 2, 3, 4, 5, 8, 12, 13, 18, 19, 20, 26, 28];

function quectel(own: { id: string; product: string; revision: string } & Partial<Character>): Character {
  return {
    manufacturer: 'Quectel',
    information: () => ['Quectel', own.product, `Revision: ${own.revision}`],
    commands: quectelCommands,
    rats: ['lte', 'umts', 'gsm'],
    limits: { rats: [scanMode], bands: masksOf({ rat: 'lte', bands: lteOfEurope }) },
    registrationReports: ['+CREG', '+CGREG', '+CEREG'],
    errorFormatAtBoot: 1,
    dataModes: qualcommModes,
    dialsByItself: ['ecm', 'rndis'],
    registerMs: 3_000,
    reenumerateMs: 15_000,
    natInModule: false,
    chain: 'in-order',
    addressStyle: 'quoted',
    causeReport: causeInNumbers,
    networkCallUp: () => null,
    networkCallDown: () => null,
    reportsContextEvents: false,
    qmiLinkProtocols: ['ethernet', 'raw-ip'],
    bootLines,
    ...own,
  };
}

/** Cat-M1, NB-IoT and GSM; QMI and PPP in one composition, no `usbnet`. Slow to register. */
export const bg96 = quectel({
  id: 'bg96',
  product: 'BG96',
  revision: 'BG96MAR04A04M1G',
  commands: { ...quectelCommands, '+QTEMP': () => refused },
  rats: ['lte-m', 'nb-iot', 'gsm'],
  limits: { rats: [scanMode, iotMode], bands: masksOf({ rat: 'lte-m', bands: [...lpwaBands, 39] }, { rat: 'nb-iot', bands: lpwaBands }) },
  dataModes: new Map(),
  dialsByItself: [],
  registerMs: 12_000,
  causeReport: causeInWords,
});

/** ASR chip: private address on ECM, no CLAC, no GNSS, chains out of order. */
export const ec200a = quectel({
  id: 'ec200a',
  product: 'EC200A',
  revision: 'EC200AEUHAR01A30M16',
  commands: {
    ...quectelCommands,
    ...networkDeviceCommands,
    '+QTEMP': qtempThree,
    '+CLAC': () => refused,
    '+QGPS': () => refused,
    '+CESQ': () => refused,
  },
  dataModes: etherModes,
  dialsByItself: [],
  natInModule: true,
  chain: 'asr',
  networkCallUp: () => '+QNETDEVSTATUS: 1',
  networkCallDown: () => '+QNETDEVSTATUS: 0',
});

/** Unisoc chip: stale settings give CME 32 until `AT&F`; says COMMAND NOT SUPPORT where others say ERROR. */
export const ec200u = quectel({
  id: 'ec200u',
  product: 'EC200U',
  revision: 'EC200UEUAAR03A05M08',
  commands: {
    ...quectelCommands,
    ...networkDeviceCommands,
    '+QTEMP': unsupported,
    '+QCAINFO': unsupported,
    '+CLAC': unsupported,
  },
  rats: ['lte', 'gsm'],
  dataModes: etherModes,
  dialsByItself: [],
  networkCallUp: (contextId) => `+QNETDEVSTATUS:${contextId},1,"IPV4"`,
  networkCallDown: (contextId) => `+QNETDEVSTATUS:${contextId},0,"IPV4"`,
});

export const ec25 = quectel({
  id: 'ec25',
  product: 'EC25',
  revision: 'EC25EFAR06A06M4G',
  commands: { ...quectelCommands, ...networkDeviceCommands, '+QTEMP': qtempAll },
  limits: { rats: [scanMode], bands: masksOf({ rat: 'lte', bands: lteOfEurope }, { rat: null, bands: [] }) },
});

/** 5G: stand-alone where the operator has it. */
export const rm520n = quectel({
  id: 'rm520n-gl',
  product: 'RM520N-GL',
  revision: 'RM520NGLAAR01A07M4G',
  commands: { ...quectelCommands, ...quectelNrCommands, ...networkDeviceCommands, '+QTEMP': qtempNamed },
  rats: ['nr-sa', 'nr-nsa', 'lte', 'umts'],
  limits: {
    rats: [preferredModes],
    bands: [
      { name: 'lte_band', rat: 'lte', bands: [1, 2, 3, 4, 5, 7, 8, 20, 28, 38, 40, 41, 42, 43, 48, 66, 71] },
      { name: 'nr5g_band', rat: 'nr-sa', bands: [1, 2, 3, 5, 7, 8, 20, 28, 38, 40, 41, 66, 71, 77, 78, 79] },
    ],
  },
  registrationReports: ['+CREG', '+CGREG', '+CEREG', '+C5GREG'],
  reenumerateMs: 25_000,
  reportsContextEvents: true,
});
