import { withoutOperatorIdentifier } from '../at/access-point-name.ts';
import { type AtCommand, atCommand, atSet } from '../at/at-command.ts';
import { type BearerReply, parseCgact, parseCgcontrdp, parseCgpaddr } from '../at/replies/bearer-replies.ts';
import type { DataMode, EffectiveBearer } from '../driver.ts';
import type { Reading } from '../failure.ts';
import type { BearerDialect } from '../models/dialects.schema.ts';
import { dialDialectOf, readCallState } from './dial.ts';
import { diallers } from './diallers.ts';
import { isRefusal, type ModemLink } from './modem-link.ts';
import type { PppCall } from './ppp-call.ts';

/** What one dialect adds to the picture. */
interface Part extends Partial<BearerReply> {
  readonly active?: boolean | null;
}

interface BearerSource {
  readonly command: (contextId: number) => AtCommand | Reading<AtCommand>;
  readonly parse: (lines: readonly string[], contextId: number) => Part;
}

const sources: Readonly<Record<BearerDialect, BearerSource>> = {
  cgcontrdp: {
    command: (value) => atSet('+CGCONTRDP', { kind: 'number', value, min: 1, max: 16 }),
    parse: (lines, contextId) => parseCgcontrdp(lines, contextId) ?? {},
  },
  cgpaddr: {
    command: (value) => atSet('+CGPADDR', { kind: 'number', value, min: 1, max: 16 }),
    parse: (lines, contextId) => ({ addresses: parseCgpaddr(lines, contextId) }),
  },
  cgact: {
    command: () => atCommand('AT+CGACT?'),
    parse: (lines, contextId) => ({ active: parseCgact(lines, contextId) }),
  },
};

/** Whether the call of the data mode is up; null where the context has to tell. */
async function callState(link: ModemLink, ppp: PppCall, where: Place): Promise<Reading<boolean | null>> {
  const dialect = dialDialectOf(link.model, where.mode);
  if (dialect === 'ppp-atd') return { ok: true, value: ppp.isUp() };
  if (dialect === null) return { ok: true, value: null };
  return readCallState(link, where.contextId, diallers[dialect]);
}

export interface Place {
  readonly contextId: number;
  readonly mode: DataMode;
}

/**
 * What the network gave. The parts of the model's dialects are put together, the first that knows a thing wins; one that
 * is refused (CGCONTRDP without a bearer, say) adds nothing.
 */
export async function readBearer(link: ModemLink, ppp: PppCall, where: Place): Promise<Reading<EffectiveBearer>> {
  const parts: Part[] = [];
  const hasAddresses = () => parts.some(({ addresses = [] }) => addresses.length > 0);
  for (const dialect of link.model.dialects.bearer) {
    // It knows nothing else.
    if (dialect === 'cgpaddr' && hasAddresses()) continue;
    const source = sources[dialect];
    const reply = await link.ask(source.command(where.contextId));
    if (reply.ok) parts.push(source.parse(reply.value, where.contextId));
    else if (!isRefusal(reply.failure)) return reply;
  }
  const call = await callState(link, ppp, where);
  if (!call.ok) return call;
  const addresses = parts.find((part) => (part.addresses ?? []).length > 0)?.addresses ?? [];
  const context = parts.map((part) => part.active).find((active) => typeof active === 'boolean');
  const apn = parts.map((part) => part.apn).find((name) => typeof name === 'string');
  const dns = parts.find((part) => (part.dns ?? []).length > 0)?.dns ?? [];
  const active = call.value ?? context ?? addresses.length > 0;
  return {
    ok: true,
    value: { active, apn: apn === undefined || apn === null ? null : withoutOperatorIdentifier(apn), addresses, dns, settings: null },
  };
}
