import type { Cancel } from '@towline/kit';
import type { Rat } from '@towline/modem';
import type { CoreAttachment, CoreNetwork } from '../core-network/core-network.ts';
import { type AccessPoint, type BearerAsk, judgeBearer, type RefusalCause } from './access-point.ts';
import { type AddressPool, createAddressPool } from './addresses.ts';

export interface OperatorNetworkOptions {
  /** MCC-MNC digits, five or six. */
  readonly plmn: string;
  readonly name: string;
  readonly rats: readonly Rat[];
  readonly accessPoints: readonly AccessPoint[];
  /** What an APN that nobody knows gets: cause 27, or silently the first access point. */
  readonly unknownAccessPoint?: 'refuse' | 'default';
  /** Home PLMNs whose subscribers may roam here. Without it: all. */
  readonly roamingPartners?: readonly string[];
  /** Whether an APN that is refused while attaching keeps the modem from registering at all. */
  readonly attachNeedsBearer?: boolean;
  /** Where the packets of its bearers go; without it they go nowhere. Operators may share one. */
  readonly core?: CoreNetwork;
}

/** What the network gave to one bearer. */
export interface BearerGrant {
  /** Name with the operator's suffix, as `AT+CGCONTRDP` tells it. */
  readonly accessPoint: string;
  readonly addresses: readonly string[];
  /** IPv4. */
  readonly gateway: string;
  /** IPv4. */
  readonly dns: readonly string[];
  /** Largest packet, in bytes. */
  readonly mtu: number;
  /** What a bearer with an IPv6 address has besides; its address is one of a /64 of its own. */
  readonly ipv6: { readonly gateway: string; readonly dns: readonly string[] } | null;
}

export type BearerAnswer = { readonly ok: true; readonly grant: BearerGrant } | { readonly ok: false; readonly cause: RefusalCause };

export type Admission = 'home' | 'roaming' | 'denied' | 'no-service';

/** What the network does to a subscriber without being asked. */
export type NetworkEvent =
  | { readonly kind: 'coverage' } // outage begins or ends, a subscriber is denied or let in again
  | { readonly kind: 'release'; readonly accessPoint: string | null; readonly cause: number }; // null: every bearer

/** A simulated operator: who may register, which APNs it takes, and what it does to its subscribers. */
export interface OperatorNetwork {
  readonly plmn: string;
  readonly name: string;
  readonly rats: readonly Rat[];
  readonly attachNeedsBearer: boolean;
  admit(imsi: string): Admission;
  /** Whether the subscriber is also registered for calls; a data-only subscription answers CREG 3. */
  hasVoice(imsi: string): boolean;
  activate(ask: BearerAsk): BearerAnswer;
  /** Attaches a granted bearer to the packet core; null when this network has none. */
  connect(grant: BearerGrant): CoreAttachment | null;
  /** The access point that an ask for this name (suffix or not, empty: the default) would get, or null. */
  accessPoint(name: string): AccessPoint | null;
  /** Whether packets sent over a bearer of this access point (suffix or not) get to `host`. */
  reaches(accessPoint: string, host: string): boolean;
  /** Listens for one subscriber. */
  listen(imsi: string, listener: (event: NetworkEvent) => void): Cancel;
  setOutage(outage: boolean): void;
  /** Registration is refused until `allow`. */
  deny(imsi: string): void;
  allow(imsi: string): void;
  setDataOnly(imsi: string, dataOnly: boolean): void;
  /** While congested every activation gets cause 26. */
  setCongested(congested: boolean): void;
  /** Adds an access point, or replaces the one of that name. Bearers that are up stay up. */
  putAccessPoint(accessPoint: AccessPoint): void;
  /** Shuts an access point down for good: its bearers are released, later asks get cause 27. */
  shutAccessPoint(name: string): void;
  /** Releases the bearers of one subscriber with cause 36, as an operator does in maintenance. */
  release(imsi: string): void;
}

/** `mnc001.mcc262.gprs` as in TS 23.003 clause 9.1.2: a two-digit MNC is padded with a zero. */
export function operatorSuffix(plmn: string): string {
  return `mnc${plmn.slice(3).padStart(3, '0')}.mcc${plmn.slice(0, 3)}.gprs`;
}

interface Book {
  readonly accessPoints: Map<string, AccessPoint>;
  readonly denied: Set<string>;
  readonly dataOnly: Set<string>;
  readonly listeners: Map<string, Set<(event: NetworkEvent) => void>>;
  outage: boolean;
  congested: boolean;
}

function tell(book: Book, imsi: string, event: NetworkEvent): void {
  for (const listener of book.listeners.get(imsi) ?? []) listener(event);
}

function tellAll(book: Book, event: NetworkEvent): void {
  for (const imsi of book.listeners.keys()) tell(book, imsi, event);
}

function toggle(set: Set<string>, imsi: string, present: boolean): void {
  if (present) set.add(imsi);
  else set.delete(imsi);
}

/** What the operator does to the network and its subscribers. */
function operatorActs(book: Book) {
  const setDenied = (imsi: string, denied: boolean): void => {
    toggle(book.denied, imsi, denied);
    tell(book, imsi, { kind: 'coverage' });
  };
  return {
    setOutage(outage: boolean): void {
      book.outage = outage;
      tellAll(book, { kind: 'coverage' });
    },
    deny: (imsi: string): void => setDenied(imsi, true),
    allow: (imsi: string): void => setDenied(imsi, false),
    setDataOnly(imsi: string, dataOnly: boolean): void {
      toggle(book.dataOnly, imsi, dataOnly);
    },
    setCongested(congested: boolean): void {
      book.congested = congested;
    },
    putAccessPoint(accessPoint: AccessPoint): void {
      book.accessPoints.set(accessPoint.name.toLowerCase(), accessPoint);
    },
    shutAccessPoint(name: string): void {
      book.accessPoints.delete(name.toLowerCase());
      tellAll(book, { kind: 'release', accessPoint: name.toLowerCase(), cause: 38 });
    },
    release: (imsi: string): void => tell(book, imsi, { kind: 'release', accessPoint: null, cause: 36 }),
  };
}

function grantBearer(accessPoint: AccessPoint, types: readonly ('ipv4' | 'ipv6')[], pool: AddressPool): BearerGrant {
  return {
    accessPoint: accessPoint.name,
    addresses: types.map((type) => pool.take(type)),
    gateway: pool.gateway,
    dns: ['192.0.2.53', '198.51.100.53'],
    mtu: accessPoint.mtu ?? 1_500,
    ipv6: types.includes('ipv6') ? { gateway: 'fe80::1', dns: ['2001:db8:53::1', '2001:db8:53::2'] } : null,
  };
}

/** @see OperatorNetwork */
export function createOperatorNetwork(options: OperatorNetworkOptions): OperatorNetwork {
  const suffix = operatorSuffix(options.plmn);
  const pool = createAddressPool(Number(options.plmn) % 251);
  const book: Book = {
    accessPoints: new Map(options.accessPoints.map((accessPoint) => [accessPoint.name.toLowerCase(), accessPoint])),
    denied: new Set(),
    dataOnly: new Set(),
    listeners: new Map(),
    outage: false,
    congested: false,
  };
  const plain = (name: string): string => name.toLowerCase().replace(`.${suffix}`, '');
  const find = (name: string): AccessPoint | undefined => {
    const first = book.accessPoints.values().next().value;
    if (name === '') return first;
    return book.accessPoints.get(plain(name)) ?? (options.unknownAccessPoint === 'default' ? first : undefined);
  };
  const reaches = (name: string, host: string): boolean => {
    const accessPoint = book.accessPoints.get(plain(name));
    return !book.outage && accessPoint !== undefined && (accessPoint.reaches?.includes(host) ?? true);
  };
  return {
    plmn: options.plmn,
    name: options.name,
    rats: options.rats,
    attachNeedsBearer: options.attachNeedsBearer ?? false,
    admit(imsi) {
      if (book.outage) return 'no-service';
      if (book.denied.has(imsi)) return 'denied';
      if (imsi.startsWith(options.plmn)) return 'home';
      const partners = options.roamingPartners;
      return !partners || partners.some((partner) => imsi.startsWith(partner)) ? 'roaming' : 'denied';
    },
    hasVoice: (imsi) => !book.dataOnly.has(imsi),
    activate(ask) {
      if (book.congested) return { ok: false, cause: 26 };
      const accessPoint = find(ask.accessPoint);
      if (!accessPoint) return { ok: false, cause: 27 };
      const verdict = judgeBearer(accessPoint, ask);
      if ('cause' in verdict) return { ok: false, cause: verdict.cause };
      return { ok: true, grant: grantBearer({ ...accessPoint, name: `${accessPoint.name}.${suffix}` }, verdict.grants, pool) };
    },
    connect(grant) {
      return options.core?.attach({ ...grant, reaches: (host) => reaches(grant.accessPoint, host) }) ?? null;
    },
    accessPoint: (name) => find(name) ?? null,
    reaches,
    listen(imsi, listener) {
      const listeners = book.listeners.get(imsi) ?? new Set();
      book.listeners.set(imsi, listeners.add(listener));
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0 && book.listeners.get(imsi) === listeners) book.listeners.delete(imsi);
      };
    },
    ...operatorActs(book),
  };
}
