import type { IpLink } from '../link/ip-link.ts';
import type { AccessPoint } from '../network/access-point.ts';
import type { Credentials } from '../ppp/authentication.ts';
import type { CallNetwork } from '../ppp/ppp-peer.ts';
import { connectBearer, storedWish } from './bearers.ts';
import { type ModemState, type PortRole, withRunning } from './modem-state.ts';
import type { Step } from './step.ts';
import type { World } from './world.ts';

/** What a call needs of its modem. */
export interface CallModem {
  readonly state: ModemState;
  readonly world: World;
  apply(step: (state: ModemState, world: World) => Step): void;
  link(contextId: number): IpLink | null;
}

/** 3GPP cause 29: user authentication failed. */
const authenticationFailed = 29;

/** The modem hangs up; the bearer of context 1 belongs to the attach and stays. */
export function endPppCall(state: ModemState): Step {
  const { pppCall, bearers } = state.running;
  if (!pppCall) return { state, effects: [] };
  const left = new Map([...bearers].filter(([id]) => id === 1 || id !== pppCall.contextId));
  return { state: withRunning(state, { pppCall: null, bearers: left }), effects: [{ kind: 'no-carrier', role: pppCall.role }] };
}

function contextOf(modem: CallModem, role: PortRole): number | null {
  const { pppCall } = modem.state.running;
  return pppCall?.role === role ? pppCall.contextId : null;
}

/** What is stored for a context leads to this access point. */
function accessPointOf({ state, world }: Pick<CallModem, 'state' | 'world'>, contextId: number): AccessPoint | null {
  return world.network.accessPoint(storedWish(state, contextId).context.accessPoint);
}

function isKnown(modem: CallModem, contextId: number, credentials: Credentials | null): boolean {
  if (!credentials) return modem.state.running.bearers.has(contextId);
  const expected = accessPointOf(modem, contextId)?.auth;
  return !expected || (expected.username === credentials.username && credentials.provesKnowing(expected.password));
}

/** Connects a call that was waiting for its credentials. */
function connectAwaited(state: ModemState, world: World, contextId: number): Step {
  if (state.running.bearers.has(contextId)) return { state, effects: [] };
  const wish = storedWish(state, contextId);
  const expected = accessPointOf({ state, world }, contextId)?.auth;
  const auth = expected ? { method: 2, ...expected } : wish.auth;
  return { state: connectBearer(state, world, { contextId, wish: { ...wish, auth } }).state, effects: [] };
}

/** The network behind the call on one port: credentials are the access point's, the bearer is the call's context. */
export function callNetwork(modem: CallModem, role: PortRole): CallNetwork {
  const contextId = contextOf(modem, role);
  const mtu = contextId === null ? undefined : accessPointOf(modem, contextId)?.mtu;
  return {
    mtu: mtu ?? 1_500,
    admit(credentials) {
      const contextId = contextOf(modem, role);
      if (contextId === null) return false;
      if (isKnown(modem, contextId, credentials)) modem.apply((state, world) => connectAwaited(state, world, contextId));
      else modem.apply((state) => ({ state: withRunning(state, { lastCause: authenticationFailed }), effects: [] }));
      return modem.state.running.bearers.has(contextId) && modem.state.running.lastCause !== authenticationFailed;
    },
    bearer() {
      const contextId = contextOf(modem, role);
      const active = contextId === null ? undefined : modem.state.running.bearers.get(contextId);
      const link = contextId === null ? null : modem.link(contextId);
      return active && link ? { grant: active.grant, link } : null;
    },
    hangUp: () => modem.apply(endPppCall),
  };
}

/** Whether a dial that was refused for its credentials is taken all the same: they come by PAP or CHAP when none are stored. */
export function mayAuthenticateLater(state: ModemState, contextId: number): boolean {
  return state.running.lastCause === authenticationFailed && storedWish(state, contextId).auth.method === 0;
}
