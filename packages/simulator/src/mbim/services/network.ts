import { isRegistered, releaseBearer } from '../../modem/bearers.ts';
import type { ModemControl } from '../../modem/modem-control.ts';
import { withRunning } from '../../modem/modem-state.ts';
import { settleRegistration } from '../../modem/registration.ts';
import { answer, type MbimHandler, refusal } from '../mbim-call.ts';
import { mbimStatus } from '../mbim-status.ts';
import { MbimStruct } from '../mbim-struct.ts';
import { dataClasses } from './device.ts';

const gsmCellular = 1;

/** Coded received signal strength: 0 to 31 in steps of 2 dB from -113 dBm, 99 unknown. */
function codedRssi(modem: ModemControl): number {
  if (!isRegistered(modem.state)) return 99;
  return Math.max(0, Math.min(31, Math.round((modem.world.radio().rssi + 113) / 2)));
}

/** One provider; states of MBIM 1.0 table 10-33: 0x1 home, 0x8 registered, 0x10 visible. */
function provider(modem: ModemControl, one: { plmn: string; name: string; state: number }): Uint8Array {
  return new MbimStruct().text(one.plmn).u32(one.state).text(one.name).u32(gsmCellular).u32(codedRssi(modem)).u32(99).done();
}

export const homeProvider: MbimHandler = ({ modem }) => {
  const sim = modem.world.sim();
  if (!sim) return refusal(mbimStatus.simNotInserted);
  if (modem.state.running.pin !== 'verified') return refusal(mbimStatus.pinRequired);
  const plmn = sim.imsi.slice(0, 3 + sim.mncLength);
  const { network } = modem.world;
  return answer(provider(modem, { plmn, name: network.plmn === plmn ? network.name : '', state: 0x1 }));
};

export const visibleProviders: MbimHandler = ({ modem }) => {
  if (modem.state.running.functionality !== 1) return refusal(mbimStatus.radioPowerOff);
  const { network } = modem.world;
  const state = isRegistered(modem.state) ? 0x18 : 0x10;
  // A scan takes long on purpose.
  return answer(new MbimStruct().list([provider(modem, { plmn: network.plmn, name: network.name, state })]).done(), 30_000);
};

/** Register states of MBIM 1.0 table 10-45: 1 deregistered, 2 searching, 3 home, 4 roaming, 6 denied. */
export function registerState(modem: ModemControl): number {
  return { 0: 1, 1: 3, 2: 2, 3: 6, 4: 0, 5: 4 }[modem.state.running.registration];
}

/** EMM cause of a refused registration: 0 while there is none. */
function registrationError(modem: ModemControl): number {
  return modem.state.running.registration === 3 ? 15 : 0;
}

export function registerStateBuffer(modem: ModemControl): Uint8Array {
  const { state, world } = modem;
  const { rat, selection } = state.running;
  const served = isRegistered(state) && rat !== null;
  const struct = new MbimStruct()
    .u32(registrationError(modem))
    .u32(registerState(modem))
    .u32(selection === 'manual' ? 2 : 1);
  struct.u32(served ? dataClasses([rat]) : 0).u32(gsmCellular);
  return struct
    .text(served ? world.network.plmn : '')
    .text(served ? world.network.name : '')
    .text('')
    .u32(0)
    .done();
}

export const register: MbimHandler = ({ modem, isSet, input }) => {
  if (!isSet) return answer(registerStateBuffer(modem));
  const plmn = input.text();
  const action = input.u32();
  if (!input.whole) return refusal(mbimStatus.invalidParameters);
  if (action === 1 && plmn !== modem.world.network.plmn) return refusal(mbimStatus.notRegistered);
  modem.apply((state, world) => settleRegistration(withRunning(state, { selection: action === 1 ? 'manual' : 'automatic' }), world));
  return answer(registerStateBuffer(modem), 300);
};

/** 2 attached, 4 detached. */
export function packetServiceState(modem: ModemControl): number {
  return isRegistered(modem.state) && modem.state.running.packetAttached ? 2 : 4;
}

export function packetServiceBuffer(modem: ModemControl): Uint8Array {
  const { rat } = modem.state.running;
  const struct = new MbimStruct().u32(0).u32(packetServiceState(modem));
  return struct
    .u32(rat === null ? 0 : dataClasses([rat]))
    .u64(50_000_000n)
    .u64(100_000_000n)
    .done();
}

export const packetService: MbimHandler = ({ modem, isSet, input }) => {
  if (!isSet) return answer(packetServiceBuffer(modem));
  const action = input.u32();
  if (!input.whole || action > 1) return refusal(mbimStatus.invalidParameters);
  if (action === 0 && modem.state.running.functionality !== 1) return refusal(mbimStatus.radioPowerOff);
  if (action === 0 && !isRegistered(modem.state)) return refusal(mbimStatus.notRegistered);
  modem.apply((state, world) => {
    const next = withRunning(state, { packetAttached: action === 0 });
    return action === 0 ? { state: next, effects: [] } : releaseBearer(next, world, { contextId: null, cause: 36 });
  });
  return answer(packetServiceBuffer(modem), 200);
};

export const signalState: MbimHandler = ({ modem }) => answer(new MbimStruct().u32(codedRssi(modem)).u32(99).u32(10).u32(1).u32(1).done());
