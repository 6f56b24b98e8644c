import type { BearerSettings, DataMode, DialRequest, EffectiveBearer } from '../driver.ts';
import type { Reading } from '../failure.ts';
import { type DataSession, noSettings } from '../sessions/data-session.ts';
import { dial, explained, hangUp } from './dial.ts';
import { failed, type ModemLink } from './modem-link.ts';
import type { PppCall } from './ppp-call.ts';
import { type Place, readBearer } from './read-bearer.ts';

/** Everything that can start a data connection of one modem. */
export interface DataCalls {
  readonly link: ModemLink;
  /** The AT-only call on the dial port, where no pppd is to be used. */
  readonly ppp: PppCall;
  /** Sessions by tools of the host; a mode without one is dialled by AT. */
  readonly sessions: Readonly<Partial<Record<DataMode, DataSession>>>;
  /** Interface of the modem's network function; null where the driver knows none. */
  readonly netInterface: string | null;
}

/** Starts the data connection in the way of its mode, and says why not as exactly as modem and network tell. */
export async function dialBearer({ link, ppp, sessions }: DataCalls, request: DialRequest): Promise<Reading<void>> {
  const session = sessions[request.mode];
  if (!session) return dial(link, ppp, request);
  const dialled = await session.dial(request);
  if (!dialled.ok) {
    const failure = await explained(link, dialled.failure);
    link.log.warn('modem.command-failed', { command: `dial ${request.mode}`, code: failure.code, cause: failure.cause });
    return failed(failure);
  }
  link.log.info('modem.dialled', { contextId: request.contextId, mode: request.mode, dialect: request.mode });
  return dialled;
}

export function hangUpBearer({ link, ppp, sessions }: DataCalls, place: Place): Promise<Reading<void>> {
  return sessions[place.mode]?.hangUp() ?? hangUp(link, ppp, { ...place, apn: '' });
}

/** Modems that are dialled by AT serve DHCP on their network function. */
function servedByModem(calls: DataCalls, { mode }: Place, active: boolean): BearerSettings | null {
  if (calls.netInterface === null || mode === 'ppp') return null;
  return { ...noSettings(calls.netInterface), addressing: active ? 'dhcp' : 'none' };
}

/** What the network gave as the modem tells it by AT, and what the session knows of it. */
export async function readWholeBearer(calls: DataCalls, place: Place): Promise<Reading<EffectiveBearer>> {
  const told = await readBearer(calls.link, calls.ppp, place);
  if (!told.ok) return told;
  const session = calls.sessions[place.mode];
  if (!session) return { ok: true, value: { ...told.value, settings: servedByModem(calls, place, told.value.active) } };
  const state = await session.read();
  if (!state.ok) return state;
  const { active, settings } = state.value;
  const addresses = settings.addresses.map(({ address }) => address);
  const dns = settings.dns.length > 0 ? settings.dns : told.value.dns;
  return {
    ok: true,
    value: { ...told.value, active, addresses: active && addresses.length > 0 ? addresses : told.value.addresses, dns, settings },
  };
}
