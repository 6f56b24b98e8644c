import { settlePin } from '../../modem/card-lock.ts';
import type { PinVerdict, SimulatedSim } from '../../modem/simulated-sim.ts';
import { failure, type QmiAnswer, type QmiCall, type QmiHandler, success } from '../qmi-call.ts';
import { qmiError } from '../qmi-error.ts';
import { type Tlv, tlv } from '../tlv.ts';

/** Runs with a card that answers; without one, or while it is busy, the UIM is not initialised. */
export function withCard(handle: (call: QmiCall, sim: SimulatedSim) => QmiAnswer): QmiHandler {
  return (call) => {
    const { world } = call.modem;
    const sim = world.sim();
    return sim && !world.behaviours.find('sim-busy') ? handle(call, sim) : failure(qmiError.uimUninitialized);
  };
}

/** The same with the PIN given. */
export function withOpenCard(handle: (call: QmiCall, sim: SimulatedSim) => QmiAnswer): QmiHandler {
  return withCard((call, sim) => (call.modem.state.running.pin === 'verified' ? handle(call, sim) : failure(qmiError.accessDenied)));
}

/** Tries left of PIN and PUK, as DMS and UIM both tell them after a refused PIN. */
function retries(sim: SimulatedSim): Tlv {
  return tlv(0x10, (writer) => writer.u8(sim.pinTriesLeft()).u8(sim.pukTriesLeft()));
}

function judged(call: QmiCall, sim: SimulatedSim, verdict: PinVerdict): QmiAnswer {
  call.modem.apply((state, world) => settlePin(state, world, verdict));
  if (verdict === 'accepted') return success();
  return failure(verdict === 'refused' ? qmiError.incorrectPin : qmiError.pinBlocked, retries(sim));
}

/** @param info the field with PIN number (1 or 2) and PIN */
export function verifyPin(info: number): QmiHandler {
  return withCard((call, sim) => {
    const reader = call.input.reader(info);
    if (!reader) return failure(qmiError.missingArgument);
    const number = reader.u8();
    const pin = reader.text8();
    if (!reader.whole || number !== 1) return failure(qmiError.invalidArgument);
    if (call.modem.state.running.pin === 'verified') return failure(qmiError.noEffect);
    return judged(call, sim, sim.tryPin(pin));
  });
}

/** @param info the field with PIN number, PUK and new PIN */
export function unblockPin(info: number): QmiHandler {
  return withCard((call, sim) => {
    const reader = call.input.reader(info);
    if (!reader) return failure(qmiError.missingArgument);
    const number = reader.u8();
    const puk = reader.text8();
    const pin = reader.text8();
    if (!reader.whole || number !== 1) return failure(qmiError.invalidArgument);
    return judged(call, sim, sim.unblock(puk, pin));
  });
}

/** DMS words for the state of a PIN: 1 enabled and not verified, 2 enabled and verified, 3 disabled, 4 blocked. */
const pinStatus: QmiHandler = withCard(({ modem }, sim) => {
  const { pin } = modem.state.running;
  const verified = sim.locked() ? 2 : 3;
  const status = { asked: 1, verified, blocked: 4 }[pin];
  return success(
    tlv(0x11, (writer) => writer.u8(status).u8(sim.pinTriesLeft()).u8(sim.pukTriesLeft())),
    tlv(0x12, (writer) => writer.u8(1).u8(3).u8(10)),
  );
});

const uimState: QmiHandler = ({ modem }) => {
  const { world } = modem;
  if (world.behaviours.find('sim-busy')) return success(tlv(0x01, (writer) => writer.u8(1)));
  return success(tlv(0x01, (writer) => writer.u8(world.sim() ? 0 : 3)));
};

/** The card's messages of DMS, older than the UIM service. */
export const dmsPinMessages: readonly (readonly [id: number, handler: QmiHandler])[] = [
  [0x0028, verifyPin(0x01)],
  [0x0029, unblockPin(0x01)],
  [0x002b, pinStatus],
  [0x003c, withCard((_call, sim) => success(tlv(0x01, (writer) => writer.text(sim.iccid))))],
  [0x0043, withOpenCard((_call, sim) => success(tlv(0x01, (writer) => writer.text(sim.imsi))))],
  [0x0044, uimState],
];
