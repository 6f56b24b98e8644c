import type { Rat } from '@towline/modem';
import { isFccLocked, setFunctionality } from '../../modem/functionality.ts';
import type { ModemControl } from '../../modem/modem-control.ts';
import { answer, type MbimHandler, refusal } from '../mbim-call.ts';
import { mbimStatus } from '../mbim-status.ts';
import { MbimStruct } from '../mbim-struct.ts';

/** Data classes of MBIM 1.0 table 10-10; 5G has its bits in version 2 only and counts as custom here. */
const dataClass: Readonly<Record<Rat, number>> = {
  gsm: 0x1 | 0x2,
  umts: 0x4 | 0x8 | 0x10,
  lte: 0x20,
  'lte-m': 0x20,
  'nb-iot': 0x20,
  'nr-nsa': 0x20,
  'nr-sa': 0x8000_0000,
};

/** All technologies of the modem, or the one it is on. */
export function dataClasses(rats: readonly Rat[]): number {
  return rats.reduce((mask, rat) => (mask | dataClass[rat]) >>> 0, 0);
}

/** How many sessions (network interfaces) it has at once. */
export const maxSessions = 8;

export const deviceCaps: MbimHandler = ({ modem }) => {
  const { character, imei } = modem.world;
  const struct = new MbimStruct().u32(1).u32(1).u32(1).u32(2).u32(dataClasses(character.rats)).u32(3).u32(1).u32(maxSessions);
  return answer(struct.text('').text(imei).text(character.revision).text(character.product).done());
};

/** Ready states of MBIM 1.0 table 10-15: 0 not initialised, 1 initialised, 2 no card, 3 bad card, 6 locked. */
export function readyState(modem: ModemControl): number {
  const sim = modem.world.sim();
  if (!sim) return 2;
  if (modem.world.behaviours.find('sim-busy')) return 0;
  return modem.state.running.pin === 'verified' ? 1 : 6;
}

export function subscriberReadyBuffer(modem: ModemControl): Uint8Array {
  const sim = modem.world.sim();
  const state = readyState(modem);
  const imsi = state === 1 ? (sim?.imsi ?? '') : '';
  return new MbimStruct()
    .u32(state)
    .text(imsi)
    .text(sim?.iccid ?? '')
    .u32(0)
    .list([])
    .done();
}

export function radioStateBuffer(modem: ModemControl): Uint8Array {
  const isHardwareOn = !isFccLocked(modem.state, modem.world);
  return new MbimStruct()
    .u32(isHardwareOn ? 1 : 0)
    .u32(modem.state.running.functionality === 1 ? 1 : 0)
    .done();
}

export const radioState: MbimHandler = ({ modem, isSet, input }) => {
  if (!isSet) return answer(radioStateBuffer(modem));
  const wanted = input.u32();
  if (!input.whole || wanted > 1) return refusal(mbimStatus.invalidParameters);
  if (wanted === 1 && isFccLocked(modem.state, modem.world)) return refusal(mbimStatus.operationNotAllowed);
  modem.apply((state, world) => setFunctionality(state, world, wanted === 1 ? 1 : 4));
  return answer(radioStateBuffer(modem), 500);
};
