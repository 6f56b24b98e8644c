import { isRegistered } from '../../modem/bearers.ts';
import type { ModemControl } from '../../modem/modem-control.ts';
import type { ContextAuth, PdpType } from '../../modem/modem-state.ts';
import { type DialOutcome, dialPacketCall, endPacketCall } from '../../modem/packet-call.ts';
import { answer, type MbimAnswer, type MbimCall, type MbimHandler, type MbimSession, refusal } from '../mbim-call.ts';
import { connectStatus, mbimStatus } from '../mbim-status.ts';
import { MbimStruct } from '../mbim-struct.ts';
import { contextTypes } from '../uuid.ts';
import { maxSessions } from './device.ts';

/** Context IP types of MBIM 1.0 table 10-66: 0 as the modem likes, 1 v4, 2 v6, 3 and 4 both. */
const pdpTypes: readonly PdpType[] = ['IPV4V6', 'IP', 'IPV6', 'IPV4V6', 'IPV4V6'];
const ipTypeNumbers: Readonly<Record<PdpType, number>> = { IP: 1, IPV6: 2, IPV4V6: 3 };

interface ConnectWish {
  readonly session: number;
  readonly activate: boolean;
  readonly accessPoint: string;
  readonly auth: ContextAuth;
  readonly type: PdpType;
}

function connectWish({ input }: MbimCall): ConnectWish | null {
  const session = input.u32();
  const command = input.u32();
  const accessPoint = input.text();
  const username = input.text();
  const password = input.text();
  input.u32();
  const method = input.u32();
  const type = pdpTypes[input.u32()];
  if (!input.whole || !type || command > 1 || session >= maxSessions) return null;
  return { session, activate: command === 1, accessPoint, auth: { method: Math.min(method, 2), username, password }, type };
}

/** 1 activated, 3 deactivated. */
export function connectBuffer(id: number, session: MbimSession | undefined, cause: number): Uint8Array {
  const struct = new MbimStruct()
    .u32(id)
    .u32(session ? 1 : 3)
    .u32(0)
    .u32(session ? ipTypeNumbers[session.type] : 0);
  return struct.uuid(contextTypes.internet).u32(cause).done();
}

/** What keeps the modem from connecting before the network is asked. */
function obstacle(modem: ModemControl): number | null {
  const { running } = modem.state;
  if (modem.world.sim() === null) return mbimStatus.simNotInserted;
  if (running.pin !== 'verified') return mbimStatus.pinRequired;
  if (running.functionality !== 1) return mbimStatus.radioPowerOff;
  if (!isRegistered(modem.state)) return mbimStatus.notRegistered;
  return running.packetAttached ? null : mbimStatus.packetServiceDetached;
}

/** Spare contexts of sessions stand behind those of QMI calls. */
const firstSpare = 20;

function dial(modem: ModemControl, wish: ConnectWish): DialOutcome | null {
  let outcome: DialOutcome | null = null;
  const { accessPoint, type, session } = wish;
  const auth = wish.auth.method === 0 ? null : wish.auth;
  modem.apply((state, world) => {
    const dialled = dialPacketCall(state, world, { profile: null, accessPoint, auth, type, spare: firstSpare + session });
    outcome = dialled;
    return { state: dialled.state, effects: dialled.ok ? [{ kind: 'dialled', contextId: dialled.contextId }] : [] };
  });
  return outcome;
}

function activate({ modem, sessions, refusals }: MbimCall, wish: ConnectWish): MbimAnswer {
  const known = sessions.get(wish.session);
  if (known) {
    const isSame = known.accessPoint === wish.accessPoint;
    return isSame ? answer(connectBuffer(wish.session, known, 0)) : refusal(mbimStatus.maxActivatedContexts);
  }
  const hindered = obstacle(modem);
  if (hindered !== null) return refusal(hindered, connectBuffer(wish.session, undefined, 0));
  const dialled = dial(modem, wish);
  if (!dialled?.ok) {
    const cause = modem.state.stored.stale ? null : modem.state.running.lastCause;
    if (cause !== null) refusals.set(wish.session, cause);
    return { ...refusal(connectStatus(cause), connectBuffer(wish.session, undefined, cause ?? 0)), takesMs: 400 };
  }
  const session = { contextId: dialled.contextId, accessPoint: wish.accessPoint, type: wish.type };
  sessions.set(wish.session, session);
  refusals.delete(wish.session);
  return answer(connectBuffer(wish.session, session, 0), 300);
}

/** Ends a session's call. */
export function endSession({ modem, sessions }: Pick<MbimCall, 'modem' | 'sessions'>, id: number): void {
  const session = sessions.get(id);
  if (!session) return;
  sessions.delete(id);
  const bridge = sessions.get(0)?.contextId ?? null;
  modem.apply((state, world) => endPacketCall(state, world, { contextId: session.contextId, bridge }));
}

export const connect: MbimHandler = (call) => {
  const { sessions, refusals } = call;
  if (!call.isSet) {
    const id = call.input.u32();
    return answer(connectBuffer(id, sessions.get(id), refusals.get(id) ?? 0));
  }
  const wish = connectWish(call);
  if (!wish) return refusal(mbimStatus.invalidParameters);
  if (wish.activate) return activate(call, wish);
  refusals.delete(wish.session);
  if (!sessions.has(wish.session)) return refusal(mbimStatus.contextNotActivated, connectBuffer(wish.session, undefined, 0));
  endSession(call, wish.session);
  return answer(connectBuffer(wish.session, undefined, 0), 150);
};
