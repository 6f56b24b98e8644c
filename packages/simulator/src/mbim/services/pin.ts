import { settlePin } from '../../modem/card-lock.ts';
import type { ModemControl } from '../../modem/modem-control.ts';
import type { PinVerdict, SimulatedSim } from '../../modem/simulated-sim.ts';
import { answer, type MbimAnswer, type MbimCall, type MbimHandler, refusal } from '../mbim-call.ts';
import { mbimStatus } from '../mbim-status.ts';
import { MbimStruct } from '../mbim-struct.ts';

/** PIN types of MBIM 1.0 table 10-22. */
const pinType = { none: 0, pin1: 2, puk1: 11 } as const;
const unknownAttempts = 0xffff_ffff;

function pinBuffer(modem: ModemControl, sim: SimulatedSim): Uint8Array {
  const { pin } = modem.state.running;
  const type = { verified: pinType.none, asked: pinType.pin1, blocked: pinType.puk1 }[pin];
  const left = { verified: unknownAttempts, asked: sim.pinTriesLeft(), blocked: sim.pukTriesLeft() }[pin];
  return new MbimStruct()
    .u32(type)
    .u32(pin === 'verified' ? 0 : 1)
    .u32(left)
    .done();
}

function judged({ modem }: MbimCall, sim: SimulatedSim, verdict: PinVerdict): MbimAnswer {
  modem.apply((state, world) => settlePin(state, world, verdict));
  const buffer = pinBuffer(modem, sim);
  // MBIM 1.0 clause 10.5.4: a wrong PIN is a failure that tells the attempts left.
  return verdict === 'accepted' ? answer(buffer) : refusal(mbimStatus.failure, buffer);
}

function switchLock(call: MbimCall, sim: SimulatedSim, lock: { on: boolean; pin: string }): MbimAnswer {
  const verdict = sim.setLock(lock.on, lock.pin);
  const buffer = pinBuffer(call.modem, sim);
  return verdict === 'accepted' ? answer(buffer) : refusal(mbimStatus.failure, buffer);
}

/** Operations: 0 enter, 1 enable, 2 disable, 3 change. */
function setPin(call: MbimCall, sim: SimulatedSim): MbimAnswer {
  const { input, modem } = call;
  const type = input.u32();
  const operation = input.u32();
  const pin = input.text();
  const newPin = input.text();
  if (!input.whole) return refusal(mbimStatus.invalidParameters);
  const { pin: state } = modem.state.running;
  if (type === pinType.puk1 && state === 'blocked') return judged(call, sim, sim.unblock(pin, newPin));
  if (type !== pinType.pin1 || operation > 2) return refusal(mbimStatus.noDeviceSupport);
  if (operation === 0) return state === 'asked' ? judged(call, sim, sim.tryPin(pin)) : refusal(mbimStatus.operationNotAllowed);
  return switchLock(call, sim, { on: operation === 1, pin });
}

export const pin: MbimHandler = (call) => {
  const sim = call.modem.world.sim();
  if (!sim) return refusal(mbimStatus.simNotInserted);
  if (call.modem.world.behaviours.find('sim-busy')) return refusal(mbimStatus.notInitialized);
  return call.isSet ? setPin(call, sim) : answer(pinBuffer(call.modem, sim));
};

/** Modes: 0 not supported, 1 enabled, 2 disabled; format 1 numeric; lengths of TS 31.101. */
export const pinList: MbimHandler = ({ modem }) => {
  const sim = modem.world.sim();
  if (!sim) return refusal(mbimStatus.simNotInserted);
  const struct = new MbimStruct();
  struct
    .u32(sim.locked() ? 1 : 2)
    .u32(1)
    .u32(4)
    .u32(8);
  for (let other = 1; other < 10; other += 1) struct.u32(0).u32(0).u32(0).u32(0);
  return answer(struct.done());
};
