import type { IpType } from '@towline/modem';
import type { BearerAnswer } from '../network/operator-network.ts';
import { type ContextAuth, type DefinedContext, type ModemState, type PdpType, withEntry, withRunning } from './modem-state.ts';
import type { Effect, Step } from './step.ts';
import type { World } from './world.ts';

const ipTypes: Readonly<Record<PdpType, IpType>> = { IP: 'ipv4', IPV6: 'ipv6', IPV4V6: 'ipv4v6' };
const noAuth: ContextAuth = { method: 0, username: '', password: '' };
const emptyContext: DefinedContext = { type: 'IPV4V6', accessPoint: '' };

export function isRegistered(state: ModemState): boolean {
  return state.running.registration === 1 || state.running.registration === 5;
}

/** What a bearer is asked for: a context with its credentials, stored or named with the dial. */
export interface BearerWish {
  readonly context: DefinedContext;
  readonly auth: ContextAuth;
}

/** What is stored for a context. */
export function storedWish(state: ModemState, contextId: number): BearerWish {
  return { context: state.stored.contexts.get(contextId) ?? emptyContext, auth: state.stored.auth.get(contextId) ?? noAuth };
}

function ask(world: World, { context, auth }: BearerWish): BearerAnswer | { readonly ok: false; readonly cause: number } {
  const forced = world.behaviours.find('refuses-dial');
  if (forced) return { ok: false, cause: forced.cause };
  const { username, password } = auth.method === 0 ? noAuth : auth;
  const imsi = world.sim()?.imsi ?? '';
  return world.network.activate({
    imsi,
    accessPoint: context.accessPoint,
    ipType: ipTypes[context.type],
    username,
    password,
  });
}

/** All that the bearer depends on, in one text: another text needs another connection to the network. */
function askedText({ context, auth }: BearerWish): string {
  return JSON.stringify([context, auth]);
}

/** How an activation ended; `cme` is the number of TS 27.007 clause 9.2 when it failed. */
export type Activation =
  | { readonly ok: true; readonly state: ModemState }
  | { readonly ok: false; readonly state: ModemState; readonly cme: number };

/**
 * Activates a context as it is stored now. A bearer that is up with the same APN is kept, as LTE keeps the bearer
 * that the modem attached with; another APN is another connection to the network.
 */
export function activateBearer(state: ModemState, world: World, contextId: number): Activation {
  return connectBearer(state, world, { contextId, wish: storedWish(state, contextId) });
}

/** The same with a wish that need not be the stored one, as QMI and MBIM name the APN with the dial. */
export function connectBearer(state: ModemState, world: World, to: { contextId: number; wish: BearerWish }): Activation {
  const { contextId, wish } = to;
  if (state.stored.stale) return { ok: false, state, cme: 32 };
  if (!isRegistered(state) || !state.running.packetAttached) return { ok: false, state, cme: 30 };
  const asked = askedText(wish);
  if (state.running.bearers.get(contextId)?.asked === asked && !world.behaviours.find('refuses-dial')) return { ok: true, state };
  const answer = ask(world, wish);
  if (!answer.ok) {
    const bearers = withEntry(state.running.bearers, contextId, null);
    return { ok: false, state: withRunning(state, { bearers, lastCause: answer.cause }), cme: causeToCme(answer.cause) };
  }
  const bearers = withEntry(state.running.bearers, contextId, { asked, grant: answer.grant });
  return { ok: true, state: withRunning(state, { bearers, lastCause: null }) };
}

/** CME numbers that TS 27.007 clause 9.2.2 gives to the causes of TS 24.008 and 24.301; the rest is 100 more than the cause. */
const cmeOfCause: ReadonlyMap<number, number> = new Map([
  [8, 177],
  [29, 149],
  [50, 192],
  [51, 193],
  [52, 194],
  [65, 178],
  [66, 179],
]);

export function causeToCme(cause: number): number {
  return cmeOfCause.get(cause) ?? 100 + cause;
}

/** Ends the calls and bearers of one context (or of all, with null), as the network or the user wants it. */
export function releaseBearer(state: ModemState, world: World, release: { contextId: number | null; cause: number }): Step {
  const { running } = state;
  const gone = [...running.bearers.keys()].filter((id) => release.contextId === null || id === release.contextId);
  if (gone.length === 0) return { state, effects: [] };
  const effects: Effect[] = [];
  let change: Partial<typeof running> = {
    bearers: new Map([...running.bearers].filter(([id]) => !gone.includes(id))),
    lastCause: release.cause,
  };
  if (running.networkCall !== null && gone.includes(running.networkCall)) {
    const line = world.character.networkCallDown(running.networkCall);
    if (line) effects.push({ kind: 'unsolicited', line });
    change = { ...change, networkCall: null };
  }
  if (running.pppCall !== null && gone.includes(running.pppCall.contextId)) {
    effects.push({ kind: 'no-carrier', role: running.pppCall.role });
    change = { ...change, pppCall: null };
  }
  for (const id of gone) effects.push({ kind: 'unsolicited', line: `+CGEV: NW DEACT ${id}` });
  return { state: withRunning(state, change), effects: world.character.reportsContextEvents ? effects : effects.filter(isNoContextEvent) };
}

function isNoContextEvent(effect: Effect): boolean {
  return effect.kind !== 'unsolicited' || !effect.line.startsWith('+CGEV');
}
