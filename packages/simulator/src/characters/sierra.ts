import type { DataMode } from '@towline/modem';
import type { CommandTable } from '../commands/command.ts';
import { sierraModuleCommands, usbComposition } from '../commands/sierra/module.ts';
import { sierraStatusCommands } from '../commands/sierra/status.ts';
import { threeGppCommands } from '../commands/three-gpp/index.ts';
import { causeInWords } from './cause-report.ts';
import type { Character } from './character.ts';

const sierraCommands: CommandTable = { ...threeGppCommands, ...sierraStatusCommands, ...sierraModuleCommands };

/** Configuration types of the EM74 and MC74 family. */
const genericFirst = { '1': 'Generic', '2': 'USBIF-MBIM', '3': 'RNDIS' };

/** Of the EM75 family: the generic one is 3, and 1 drops the AT port (wirelessjoint.com t=911). */
const genericThird = { '1': 'MBIM USBIF', '2': 'RNDIS', '3': 'Generic' };

const masks: ReadonlyMap<string, DataMode> = new Map([
  ['10D', 'qmi'],
  ['100D', 'mbim'],
]);

function sierra(own: { id: string; product: string; revision: string } & Partial<Character>): Character {
  return {
    manufacturer: 'Sierra Wireless, Incorporated',
    information: (imei) => [
      'Manufacturer: Sierra Wireless, Incorporated',
      `Model: ${own.product}`,
      `Revision: ${own.revision}`,
      `MEID: ${imei.slice(0, 14)}`,
      `IMEI: ${imei}`,
      'IMEI SV: 20',
      'FSN: LF000000000110',
      '+GCAP: +CGSM',
    ],
    commands: { ...sierraCommands, '!USBCOMP': usbComposition(genericFirst, '1') },
    rats: ['lte', 'umts'],
    limits: {
      rats: [{ key: 'selrat', factory: '00', leaves: new Map([['06', ['lte']]]) }],
      // 0002000007C00000 00000100130818DF 0000000000000000, as an EM7455 lists them.
      bands: [
        { name: '1', rat: null, bands: [23, 24, 25, 26, 27, 50] },
        { name: '2', rat: 'lte', bands: [1, 2, 3, 4, 5, 7, 8, 12, 13, 20, 25, 26, 29, 41] },
        { name: '3', rat: null, bands: [] },
      ],
    },
    registrationReports: ['+CREG', '+CGREG', '+CEREG'],
    errorFormatAtBoot: 0,
    dataModes: masks,
    dialsByItself: [],
    registerMs: 4_000,
    reenumerateMs: 25_000,
    natInModule: false,
    chain: 'in-order',
    addressStyle: 'bare',
    causeReport: causeInWords,
    networkCallUp: () => null,
    networkCallDown: () => null,
    reportsContextEvents: true,
    qmiLinkProtocols: ['raw-ip'],
    bootLines: [],
    ...own,
  };
}

export const mc7455 = sierra({
  id: 'mc7455',
  product: 'MC7455',
  revision: 'SWI9X30C_02.33.03.00 r8209 CARMD-EV-FRMWR2 2019/08/28 20:59:30',
});

export const em7455 = sierra({
  id: 'em7455',
  product: 'EM7455',
  revision: 'SWI9X30C_02.30.01.01 r7750 CARMD-EV-FRMWR2 2018/06/18 10:50:31',
});

export const em7565 = sierra({
  id: 'em7565',
  product: 'EM7565',
  revision: 'SWI9X50C_01.14.02.00 2e210b jenkins 2020/08/19 14:18:39',
  commands: { ...sierraCommands, '!USBCOMP': usbComposition(genericThird, '3') },
});
