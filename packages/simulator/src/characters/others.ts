import { huaweiCommands } from '../commands/huawei/index.ts';
import { simcomCommands } from '../commands/simcom/index.ts';
import { telitCommands } from '../commands/telit/index.ts';
import { threeGppCommands } from '../commands/three-gpp/index.ts';
import { causeInNumbers, causeInWords } from './cause-report.ts';
import type { Character } from './character.ts';

export const sim7600: Character = {
  id: 'sim7600',
  manufacturer: 'SIMCOM INCORPORATED',
  product: 'SIMCOM_SIM7600E-H',
  revision: 'LE20B04SIM7600M22',
  information: (imei) => [
    'Manufacturer: SIMCOM INCORPORATED',
    'Model: SIMCOM_SIM7600E-H',
    'Revision: SIM7600M22_V2.0',
    `IMEI: ${imei}`,
    '+GCAP: +CGSM',
  ],
  commands: { ...threeGppCommands, ...simcomCommands },
  rats: ['lte', 'umts', 'gsm'],
  limits: {
    rats: [
      {
        key: 'cnmp',
        factory: '2',
        leaves: new Map([
          ['13', ['gsm']],
          ['14', ['umts']],
          ['38', ['lte']],
        ]),
      },
    ],
    bands: [],
  },
  registrationReports: ['+CREG', '+CGREG', '+CEREG'],
  errorFormatAtBoot: 1,
  dataModes: new Map([
    ['9001', 'qmi'],
    ['9011', 'rndis'],
  ]),
  dialsByItself: [],
  registerMs: 4_000,
  reenumerateMs: 20_000,
  natInModule: false,
  chain: 'in-order',
  addressStyle: 'bare',
  causeReport: causeInWords,
  networkCallUp: () => null,
  networkCallDown: () => null,
  reportsContextEvents: false,
  qmiLinkProtocols: ['ethernet', 'raw-ip'],
  bootLines: [
    { line: 'RDY', afterMs: 0 },
    { line: '+CPIN: READY', afterMs: 1_500 },
    { line: 'SMS DONE', afterMs: 3_000 },
    { line: 'PB DONE', afterMs: 4_000 },
  ],
};

export const le910c4: Character = {
  id: 'le910c4',
  manufacturer: 'Telit',
  product: 'LE910C4-EU',
  revision: '25.21.660',
  // ATI0 of Telit is a numeric product code.
  information: () => ['332'],
  commands: { ...threeGppCommands, ...telitCommands },
  rats: ['lte', 'umts', 'gsm'],
  limits: { rats: [], bands: [] },
  registrationReports: ['+CREG', '+CGREG', '+CEREG'],
  errorFormatAtBoot: 1,
  dataModes: new Map([
    ['0', 'qmi'],
    ['1', 'rndis'],
    ['2', 'mbim'],
    ['3', 'ecm'],
  ]),
  dialsByItself: [],
  registerMs: 4_000,
  reenumerateMs: 20_000,
  natInModule: false,
  chain: 'in-order',
  addressStyle: 'quoted',
  causeReport: causeInWords,
  networkCallUp: () => null,
  networkCallDown: () => null,
  reportsContextEvents: true,
  qmiLinkProtocols: ['ethernet', 'raw-ip'],
  bootLines: [{ line: '#QSS: 1', afterMs: 500 }],
};

export const me909: Character = {
  id: 'me909',
  manufacturer: 'Huawei Technologies Co., Ltd.',
  product: 'ME909s-120',
  revision: '11.617.24.00.00',
  information: (imei) => [
    'Manufacturer: Huawei Technologies Co., Ltd.',
    'Model: ME909s-120',
    'Revision: 11.617.24.00.00',
    `IMEI: ${imei}`,
    '+GCAP: +CGSM,+DS,+ES',
  ],
  commands: { ...threeGppCommands, ...huaweiCommands },
  rats: ['lte', 'umts', 'gsm'],
  limits: { rats: [], bands: [] },
  registrationReports: ['+CREG', '+CGREG', '+CEREG'],
  errorFormatAtBoot: 1,
  dataModes: new Map([['16', 'ncm']]),
  dialsByItself: [],
  registerMs: 4_000,
  reenumerateMs: 20_000,
  natInModule: false,
  chain: 'in-order',
  addressStyle: 'quoted',
  causeReport: causeInNumbers,
  networkCallUp: () => '^NDISSTAT: 1,,,"IPV4"',
  networkCallDown: () => '^NDISSTAT: 0,,,"IPV4"',
  reportsContextEvents: false,
  qmiLinkProtocols: ['ethernet', 'raw-ip'],
  bootLines: [{ line: '^SYSSTART', afterMs: 0 }],
  chatter: (world) => `^RSSI: ${Math.max(0, Math.min(31, Math.round((world.radio().rssi + 113) / 2)))}`,
};
