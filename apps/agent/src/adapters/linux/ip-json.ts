import { Fault } from '@towline/kit';
import * as z from 'zod/mini';
import { canonicalAddress } from '../../core/host-network/canonical-address.ts';
import type { Family, HostAddress, HostRoute, HostRule } from '../../core/host-network/host-network.ts';
import { mainTable, routeProtocol } from '../../core/host-network/slot.ts';

/** Numbers that iproute2 has no name for come as text (6.1) or as numbers. */
const nameOrNumber = z.union([z.string(), z.number()]);

const linksSchema = z.array(
  z.object({
    ifname: z.optional(z.string()),
    mtu: z.optional(z.number()),
    flags: z.optional(z.array(z.string())),
    addr_info: z.optional(
      z.array(
        z.object({
          family: z.optional(z.string()),
          local: z.optional(z.string()),
          prefixlen: z.optional(z.number()),
          scope: z.optional(z.string()),
        }),
      ),
    ),
  }),
);

const routesSchema = z.array(
  z.object({
    type: z.optional(z.string()),
    dst: z.string(),
    gateway: z.optional(z.string()),
    dev: z.optional(z.string()),
    table: z.optional(nameOrNumber),
    protocol: z.optional(nameOrNumber),
    metric: z.optional(z.number()),
    prefsrc: z.optional(z.string()),
  }),
);
type RouteLine = z.infer<typeof routesSchema>[number];

const rulesSchema = z.array(
  z.object({
    priority: z.number(),
    table: z.optional(nameOrNumber),
    protocol: z.optional(nameOrNumber),
    oif: z.optional(z.string()),
    ipproto: z.optional(z.string()),
    sport_start: z.optional(z.number()),
    sport_end: z.optional(z.number()),
  }),
);

/** What `ip` did not say, or not to its end, is not missing. */
export const unread = 'host.unread';

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** What `ip -j` printed; an empty list is an empty text in some versions. */
function parsed<Value>(schema: z.ZodMiniType<Value>, text: string): Value {
  const result = schema.safeParse(json(text.trim() === '' ? '[]' : text));
  if (!result.success) throw new Fault(unread, `no list of iproute2: ${text.slice(0, 80)}`);
  return result.data;
}

const tableNumber = (table: string | number | undefined) => (table === undefined || table === 'main' ? mainTable : Number(table));
const isOurs = (protocol: string | number | undefined) => String(protocol) === String(routeProtocol);

export interface IpLink {
  readonly up: boolean;
  readonly mtu: number;
  /** Without link-local ones. */
  readonly addresses: readonly HostAddress[];
}

/**
 * `ip -j addr show dev NAME`; null when there is no such interface.
 * @throws Fault `host.unread`, as the others here, for a text that is cut off or none of iproute2's
 */
export function parseLink(text: string): IpLink | null {
  const link = parsed(linksSchema, text).find(({ ifname }) => ifname !== undefined);
  if (!link) return null;
  const addresses = (link.addr_info ?? []).flatMap(({ local, prefixlen, scope }) =>
    local === undefined || prefixlen === undefined || scope === 'link'
      ? []
      : [{ address: canonicalAddress(local), prefixLength: prefixlen }],
  );
  return { up: link.flags?.includes('UP') ?? false, mtu: link.mtu ?? 0, addresses };
}

function routeOf(family: Family, line: RouteLine): HostRoute | null {
  const { type = 'unicast', dst, gateway, dev, table, metric = 0, prefsrc } = line;
  if (type !== 'unicast' && type !== 'unreachable') return null;
  const unreachable = type === 'unreachable';
  return {
    family,
    table: tableNumber(table),
    destination: dst,
    kind: unreachable ? 'unreachable' : 'unicast',
    // IPv6 shows `lo` for what is unreachable.
    interface: unreachable ? null : (dev ?? null),
    gateway: gateway === undefined ? null : canonicalAddress(gateway),
    source: prefsrc === undefined ? null : canonicalAddress(prefsrc),
    metric,
  };
}

export interface IpRoutes {
  /** Marked as ours, of every table and interface. */
  readonly ours: readonly HostRoute[];
  /** Routers that announced themselves, with the interface. */
  readonly announced: readonly { readonly interface: string; readonly router: string }[];
  /** Interfaces that a default route of the main table leads out by, and that is not ours. */
  readonly others: readonly string[];
}

/** `ip -j -4 route show table all`, or `-6`. */
export function parseRoutes(family: Family, text: string): IpRoutes {
  const lines = parsed(routesSchema, text);
  const announced = lines.filter(({ protocol, dst, gateway, dev }) => protocol === 'ra' && dst === 'default' && gateway && dev);
  const others = lines.filter(
    ({ type = 'unicast', dst, table, protocol }) =>
      type === 'unicast' && dst === 'default' && tableNumber(table) === mainTable && !isOurs(protocol),
  );
  return {
    others: others.flatMap(({ dev }) => dev ?? []),
    ours: lines.filter(({ protocol }) => isOurs(protocol)).flatMap((line) => routeOf(family, line) ?? []),
    announced: announced.map(({ dev = '', gateway = '' }) => ({ interface: dev, router: canonicalAddress(gateway) })),
  };
}

/** `ip -j -4 rule show`, or `-6`: those that are marked as ours. */
export function parseRules(family: Family, text: string): readonly HostRule[] {
  const lines = parsed(rulesSchema, text).filter(({ protocol }) => isOurs(protocol));
  return lines.flatMap(({ priority, table, oif, ipproto, sport_start: first, sport_end: last }): HostRule[] => {
    const rule = { family, priority, table: tableNumber(table) };
    if (oif !== undefined) return [{ ...rule, match: { kind: 'interface', interface: oif } }];
    if ((ipproto !== 'tcp' && ipproto !== 'udp') || first === undefined) return [];
    return [{ ...rule, match: { kind: 'source-ports', protocol: ipproto, first, last: last ?? first } }];
  });
}
