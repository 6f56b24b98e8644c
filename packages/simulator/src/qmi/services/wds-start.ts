import type { ContextAuth, PdpType } from '../../modem/modem-state.ts';
import type { IpFamily } from '../../modem/packet-call.ts';
import { type CallFailure, callFailure, reasonTlvs } from '../call-end-reason.ts';
import { endDataCall, startDataCall } from '../data-calls.ts';
import { failure, type QmiAnswer, type QmiCall, type QmiHandler, success } from '../qmi-call.ts';
import { qmiError } from '../qmi-error.ts';
import { type Tlvs, tlv } from '../tlv.ts';

/** The family that a WDS client asks about: chosen by it, else that of its own call, else IPv4. */
export function familyOf({ session, client }: Pick<QmiCall, 'session' | 'client'>): IpFamily {
  const own = [...session.calls].find(([, call]) => call.client === client)?.[0];
  return session.families.get(client) ?? own ?? 'ipv4';
}

/** 4 and 6 of an IP family field; 8 and nothing leave it to the client's choice. */
export function familyOfNumber(number: number | null): IpFamily | null {
  if (number === 4) return 'ipv4';
  return number === 6 ? 'ipv6' : null;
}

/** Authentication of a dial or profile: bit 0 PAP, bit 1 CHAP. Both are tried by real modems; the network takes either. */
function authOf(input: Tlvs): ContextAuth | null {
  const [method, username, password] = [input.u8(0x16), input.text(0x17), input.text(0x18)];
  if (method === null && username === null && password === null) return null;
  const given = method ?? 2;
  return { method: given >= 2 ? 2 : given, username: username ?? '', password: password ?? '' };
}

/** What stands in the way on this interface: the client's own call is no effect, another one's is a failure. */
function occupied(call: QmiCall, family: IpFamily, accessPoint: string): QmiAnswer | null {
  const held = call.session.calls.get(family);
  if (!held) return null;
  if (held.client === call.client) return failure(qmiError.noEffect);
  return callFailed(held.accessPoint === accessPoint ? callFailure.alreadyPresent : callFailure.interfaceInUse);
}

function callFailed(reason: CallFailure): QmiAnswer {
  return { ...failure(qmiError.callFailed, ...reasonTlvs(reason)), takesMs: 400 };
}

/** Contexts of calls that name no profile. */
const spareContexts: Readonly<Record<IpFamily, number>> = { ipv4: 17, ipv6: 18 };

/** Start Network. */
export const startNetwork: QmiHandler = (call) => {
  const { input, modem } = call;
  const family = familyOfNumber(input.u8(0x19)) ?? familyOf(call);
  const profile = input.u8(0x31);
  const accessPoint = input.text(0x14);
  if (profile !== null && !modem.state.stored.contexts.has(profile)) return failure(qmiError.invalidProfile);
  const stored = profile === null ? undefined : modem.state.stored.contexts.get(profile);
  const asked = accessPoint ?? stored?.accessPoint ?? '';
  const busy = occupied(call, family, asked);
  if (busy) return busy;
  const type: PdpType = stored?.type ?? (family === 'ipv6' ? 'IPV6' : 'IP');
  if (stored && stored.type !== 'IPV4V6' && (stored.type === 'IPV6') !== (family === 'ipv6'))
    return callFailed(callFailure.profileMismatch);
  const dial = { profile, accessPoint, auth: authOf(input), type, spare: spareContexts[family] };
  const outcome = startDataCall(call, { dial, family });
  if (!outcome.ok) return callFailed(outcome.failure);
  return { ...success(tlv(0x01, (writer) => writer.u32(outcome.handle))), takesMs: 300 };
};

const everyCall = 0xffff_ffff;

/** Stop Network. The handle of nobody's call is refused; all ones ends whatever runs, as `qmi.sh` does with stale calls. */
export const stopNetwork: QmiHandler = (call) => {
  const handle = call.input.u32(0x01);
  if (handle === null) return failure(qmiError.missingArgument);
  const held = [...call.session.calls].filter(([, one]) => handle === everyCall || one.handle === handle);
  if (held.length === 0) return failure(handle === everyCall || call.session.calls.size === 0 ? qmiError.noEffect : qmiError.invalidHandle);
  for (const [family] of held) endDataCall(call, family);
  return { ...success(), takesMs: 150 };
};

/** Get Packet Service Status: 1 disconnected, 2 connected. */
export const packetServiceStatus: QmiHandler = (call) => {
  const isUp = call.session.calls.has(familyOf(call));
  return success(tlv(0x01, (writer) => writer.u8(isUp ? 2 : 1)));
};
