import { type Activation, type BearerWish, connectBearer, releaseBearer, storedWish } from './bearers.ts';
import { type ContextAuth, type ModemState, type PdpType, withRunning } from './modem-state.ts';
import { followedBy, type Step } from './step.ts';
import type { World } from './world.ts';

export type IpFamily = 'ipv4' | 'ipv6';

/** A dial over a control protocol: a stored profile, an APN named with the dial, or both. */
export interface PacketDial {
  /** Stored context, 1 to 16; null: none is named. */
  readonly profile: number | null;
  /** Null: the profile's own. */
  readonly accessPoint: string | null;
  readonly auth: ContextAuth | null;
  readonly type: PdpType;
  /** Context of a dial that names no profile: 17 and up, outside of what AT commands can define. */
  readonly spare: number;
}

export function hasFamily(addresses: readonly string[], family: IpFamily): boolean {
  return addresses.some((address) => address.includes(':') === (family === 'ipv6'));
}

/** A bearer that is up with this APN and family: the operator gives one connection per APN, so it is shared. */
function sharedContext(state: ModemState, dial: PacketDial): number | null {
  if (dial.accessPoint === null || dial.auth !== null) return null;
  const wanted = dial.accessPoint.toLowerCase();
  const families: readonly IpFamily[] = dial.type === 'IPV4V6' ? ['ipv4', 'ipv6'] : [dial.type === 'IP' ? 'ipv4' : 'ipv6'];
  for (const [contextId, { grant }] of state.running.bearers) {
    const name = grant.accessPoint.toLowerCase();
    if (name !== wanted && !name.startsWith(`${wanted}.mnc`)) continue;
    if (families.every((family) => hasFamily(grant.addresses, family))) return contextId;
  }
  return null;
}

export type DialOutcome = Activation & { readonly contextId: number };

/** Connects what is asked for and bridges it to the network function, unless a call is bridged already. */
export function dialPacketCall(state: ModemState, world: World, dial: PacketDial): DialOutcome {
  const shared = world.behaviours.find('refuses-dial') || dial.profile !== null ? null : sharedContext(state, dial);
  const contextId = shared ?? dial.profile ?? dial.spare;
  if (shared !== null) return { ok: true, contextId, state: bridged(state, contextId) };
  const activation = connectBearer(state, world, { contextId, wish: wishOf(state, dial) });
  if (!activation.ok) return { ...activation, contextId };
  return { ok: true, contextId, state: bridged(activation.state, contextId) };
}

function wishOf(state: ModemState, dial: PacketDial): BearerWish {
  const none: ContextAuth = { method: 0, username: '', password: '' };
  const stored: BearerWish =
    dial.profile === null ? { context: { type: dial.type, accessPoint: '' }, auth: none } : storedWish(state, dial.profile);
  return {
    context: dial.accessPoint === null ? stored.context : { type: stored.context.type, accessPoint: dial.accessPoint },
    auth: dial.auth ?? stored.auth,
  };
}

function bridged(state: ModemState, contextId: number): ModemState {
  return withRunning(state, { networkCall: state.running.networkCall ?? contextId });
}

/** Ends a call. The bearer that the modem attached with stays; `bridge` is another call that still runs. */
export function endPacketCall(state: ModemState, world: World, end: { contextId: number; bridge: number | null }): Step {
  const { contextId, bridge } = end;
  const unbridged = withRunning(state, { networkCall: state.running.networkCall === contextId ? bridge : state.running.networkCall });
  const start: Step = { state: unbridged, effects: [] };
  if (contextId === 1 || contextId === bridge) return start;
  return followedBy(start, (next) => releaseBearer(next, world, { contextId, cause: 36 }));
}
