import { compositionMask } from '../../commands/sierra/module.ts';
import { isFccLocked, setFunctionality } from '../../modem/functionality.ts';
import { withEntry, withRunning, withStored } from '../../modem/modem-state.ts';
import { failure, type QmiCall, type QmiHandler, type QmiService, success } from '../qmi-call.ts';
import { qmiError } from '../qmi-error.ts';
import { tlv } from '../tlv.ts';
import { dmsPinMessages } from './dms-pin.ts';

function text(value: (call: QmiCall) => string): QmiHandler {
  return (call) => success(tlv(0x01, (writer) => writer.text(value(call))));
}

const ids: QmiHandler = ({ modem }) => {
  const { imei } = modem.world;
  return success(
    tlv(0x10, (writer) => writer.text('0')),
    tlv(0x11, (writer) => writer.text(imei)),
    tlv(0x12, (writer) => writer.text(imei.slice(0, 14))),
  );
};

/** Operating modes of DMS. */
const mode = { online: 0, lowPower: 1, factoryTest: 2, offline: 3, reset: 4, shuttingDown: 5 } as const;

const getOperatingMode: QmiHandler = ({ modem }) => {
  const { functionality } = modem.state.running;
  return success(tlv(0x01, (writer) => writer.u8({ 0: mode.offline, 1: mode.online, 4: mode.lowPower }[functionality])));
};

const setOperatingMode: QmiHandler = ({ input, modem }) => {
  const wanted = input.u8(0x01);
  if (wanted === null) return failure(qmiError.missingArgument);
  // A reset from offline only is what firmware of the time asks for; Sierra and Quectel take it from any mode (composed).
  if (wanted === mode.reset) return { ...success(), takesMs: 100, afterwards: () => modem.restart() };
  if (wanted === mode.online && isFccLocked(modem.state, modem.world)) return failure(qmiError.invalidTransition);
  const level = wanted === mode.online ? 1 : { [mode.lowPower]: 4 as const, [mode.offline]: 0 as const }[wanted];
  if (level === undefined) return failure(qmiError.invalidArgument);
  modem.apply((state, world) => setFunctionality(state, world, level));
  return { ...success(), takesMs: 500 };
};

const fccAuthentication: QmiHandler = ({ modem }) => {
  modem.apply((state) => ({ state: withRunning(state, { fccAuthenticated: true }), effects: [] }));
  return success();
};

/** Sierra's compositions by number, with their interface masks. */
const compositions: ReadonlyMap<number, { readonly mask: string; readonly dataMode: 'qmi' | 'mbim' }> = new Map([
  [6, { mask: '10D', dataMode: 'qmi' }],
  [8, { mask: '100D', dataMode: 'mbim' }],
  [9, { mask: '1000', dataMode: 'mbim' }],
]);

const getComposition: QmiHandler = ({ modem }) => {
  if (!modem.world.character.manufacturer.startsWith('Sierra')) return failure(qmiError.invalidCommand);
  const { settings, dataMode } = modem.state.stored;
  const mask = settings.get(compositionMask) ?? (dataMode === 'mbim' ? '100D' : '10D');
  const current = [...compositions].find(([, one]) => one.mask === mask)?.[0] ?? 0xff;
  return success(
    tlv(0x10, (writer) => writer.u8(current)),
    tlv(0x11, (writer) => {
      writer.u8(compositions.size);
      for (const number of compositions.keys()) writer.u8(number);
      return writer;
    }),
  );
};

const setComposition: QmiHandler = ({ modem, input }) => {
  if (!modem.world.character.manufacturer.startsWith('Sierra')) return failure(qmiError.invalidCommand);
  const chosen = compositions.get(input.u8(0x01) ?? -1);
  if (!chosen) return failure(qmiError.invalidArgument);
  modem.apply((state) => ({
    state: withStored(state, { settings: withEntry(state.stored.settings, compositionMask, chosen.mask), dataMode: chosen.dataMode }),
    effects: [],
  }));
  return success();
};

const capabilities: QmiHandler = ({ modem }) => {
  const interfaces = [...new Set(modem.world.character.rats.map((rat) => radioInterface[rat]))];
  return success(
    tlv(0x01, (writer) => {
      writer.u32(50_000_000).u32(100_000_000).u8(1).u8(2).u8(interfaces.length);
      for (const one of interfaces) writer.u8(one);
      return writer;
    }),
  );
};

/** DMS radio interfaces: 4 GSM, 5 UMTS, 8 LTE, 10 NR. */
const radioInterface = { gsm: 4, umts: 5, lte: 8, 'lte-m': 8, 'nb-iot': 8, 'nr-nsa': 8, 'nr-sa': 10 } as const;

/** DMS: the device. */
export const dmsService: QmiService = new Map<number, QmiHandler>([
  [0x0000, () => success()],
  [0x0001, () => success()],
  [0x0020, capabilities],
  [0x0021, text(({ modem }) => modem.world.character.manufacturer)],
  [0x0022, text(({ modem }) => modem.world.character.product)],
  [0x0023, text(({ modem }) => modem.world.character.revision)],
  [0x0025, ids],
  [0x002c, text(() => '10000')],
  [0x002d, getOperatingMode],
  [0x002e, setOperatingMode],
  [0x0051, text(({ modem }) => modem.world.character.revision)],
  [0x555b, getComposition],
  [0x555c, setComposition],
  [0x555f, fccAuthentication],
  [0x005f, fccAuthentication],
  ...dmsPinMessages,
]);
