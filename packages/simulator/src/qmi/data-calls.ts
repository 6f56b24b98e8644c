import { dialPacketCall, endPacketCall, hasFamily, type IpFamily, type PacketDial } from '../modem/packet-call.ts';
import { type CallFailure, callFailure } from './call-end-reason.ts';
import type { QmiCall } from './qmi-call.ts';
import type { DataCall } from './qmi-session.ts';

export type StartOutcome = { readonly ok: true; readonly handle: number } | { readonly ok: false; readonly failure: CallFailure };

export interface StartWish {
  readonly dial: PacketDial;
  readonly family: IpFamily;
}

/** Dials for one client; the call is then of one IP family. */
export function startDataCall({ modem, session, client }: Pick<QmiCall, 'modem' | 'session' | 'client'>, wish: StartWish): StartOutcome {
  const { dial, family } = wish;
  const gate = callFailure.beforeDial(modem.state, modem.world);
  if (gate) return { ok: false, failure: gate };
  let outcome: StartOutcome = { ok: false, failure: callFailure.ofCause(null) };
  modem.apply((state, world) => {
    const dialled = dialPacketCall(state, world, dial);
    if (!dialled.ok) {
      outcome = { ok: false, failure: callFailure.ofCause(dialled.state.stored.stale ? null : dialled.state.running.lastCause) };
      return { state: dialled.state, effects: [] };
    }
    const grant = dialled.state.running.bearers.get(dialled.contextId)?.grant;
    if (!grant || !hasFamily(grant.addresses, family)) {
      outcome = { ok: false, failure: callFailure.ofCause(family === 'ipv6' ? 50 : 51) };
      return endPacketCall(dialled.state, world, { contextId: dialled.contextId, bridge: otherContext(session.calls, family) });
    }
    const handle = session.nextHandle;
    session.nextHandle += 0x10;
    session.calls.set(family, { contextId: dialled.contextId, accessPoint: dial.accessPoint ?? '', handle, client });
    outcome = { ok: true, handle };
    return { state: dialled.state, effects: [{ kind: 'dialled', contextId: dialled.contextId }] };
  });
  return outcome;
}

function otherContext(calls: ReadonlyMap<IpFamily, DataCall>, family: IpFamily): number | null {
  return calls.get(family === 'ipv4' ? 'ipv6' : 'ipv4')?.contextId ?? null;
}

/** Ends the call of one family. */
export function endDataCall({ modem, session }: Pick<QmiCall, 'modem' | 'session'>, family: IpFamily): void {
  const call = session.calls.get(family);
  if (!call) return;
  session.calls.delete(family);
  const bridge = otherContext(session.calls, family);
  modem.apply((state, world) => endPacketCall(state, world, { contextId: call.contextId, bridge }));
}
