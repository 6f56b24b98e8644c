/** What the kernel of the gateway has, or is to have, for one bearer. Plain JSON; no command and no argument in it. */

export type Family = 4 | 6;

export interface HostAddress {
  /** IPv4 or IPv6, as text. */
  readonly address: string;
  readonly prefixLength: number;
}

export interface HostRoute {
  readonly family: Family;
  /** 254 is the main table. */
  readonly table: number;
  /** `default`, or a prefix such as `10.0.0.0/30`. */
  readonly destination: string;
  /** `unreachable`: whatever comes so far is refused at once. */
  readonly kind: 'unicast' | 'unreachable';
  /** Null for `unreachable`. */
  readonly interface: string | null;
  readonly gateway: string | null;
  /** Address to send from; null: the kernel's choice. */
  readonly source: string | null;
  readonly metric: number;
}

/** What makes the kernel look into the table of a bearer. */
export interface HostRule {
  readonly family: Family;
  readonly priority: number;
  readonly table: number;
  /** By the interface that a socket is bound to, or by its own port. */
  readonly match:
    | { readonly kind: 'interface'; readonly interface: string }
    | { readonly kind: 'source-ports'; readonly protocol: 'tcp' | 'udp'; readonly first: number; readonly last: number };
}

/** An interface as it is now. */
export interface ObservedHost {
  readonly interface: string;
  readonly up: boolean;
  readonly mtu: number;
  /** Without link-local ones. */
  readonly addresses: readonly HostAddress[];
  /** Of ours, on this interface or in its bearer's table. */
  readonly routes: readonly HostRoute[];
  /** Of ours, of this bearer's table. */
  readonly rules: readonly HostRule[];
  /** Routers that announce themselves on the interface (IPv6). */
  readonly routers: readonly string[];
  /** net.ipv4.conf.<interface>.rp_filter; null where it cannot be read. */
  readonly reverseFilter: number | null;
  /** net.ipv6.conf.<interface>.ra_defrtr_metric; null without IPv6, or before kernel 5.12. */
  readonly routerMetric: number | null;
  /** Resolvers that we have noted for the interface. */
  readonly resolvers: readonly string[];
  /** Other interfaces that a default route of somebody else leads out by; left out where that was not looked at. */
  readonly otherWays?: readonly string[];
  /** Families that the kernel has; left out: both. One without IPv6 (ipv6.disable=1) refuses every rule and route of it. */
  readonly families?: readonly Family[];
  /** net.ipv6.conf.<interface>.disable_ipv6: it takes neither addresses nor routes of IPv6; rules, and the ends of tables, are not its. */
  readonly ipv6Off?: boolean;
  /** Octets received since the interface appeared. */
  readonly rxBytes: number | null;
}

/** What a bearer asks of the host. */
export interface WantedLink {
  readonly slot: number;
  readonly interface: string;
  readonly addresses: readonly HostAddress[];
  /** Families whose addresses are ours to set. Others are set by pppd, or by the kernel from router advertisements. */
  readonly owns: readonly Family[];
  /** Per family with a way out that is ours to set: the router, or null where there is one peer only. */
  readonly gateways: { readonly 4?: string | null; readonly 6?: string | null };
  readonly resolvers: readonly string[];
  readonly mtu: number | null;
}

/** One change of the host's network. */
export type HostStep =
  | { readonly do: 'set-up'; readonly interface: string }
  | { readonly do: 'set-mtu'; readonly interface: string; readonly mtu: number }
  | { readonly do: 'add-address' | 'remove-address'; readonly interface: string; readonly address: HostAddress }
  | { readonly do: 'add-route' | 'remove-route'; readonly route: HostRoute }
  | { readonly do: 'add-rule' | 'remove-rule'; readonly rule: HostRule }
  | { readonly do: 'loosen-reverse-filter'; readonly interface: string }
  | { readonly do: 'set-router-metric'; readonly interface: string; readonly metric: number }
  | { readonly do: 'note-resolvers'; readonly interface: string; readonly resolvers: readonly string[] };

export const familyOf = (address: string): Family => (address.includes(':') ? 6 : 4);
