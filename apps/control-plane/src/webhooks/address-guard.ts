import { BlockList, isIP } from 'node:net';
import type { NamedNetwork } from '../platform/networks.ts';

type Network = readonly [address: string, prefix: number];

/**
 * Networks that are not the public internet (IANA special-purpose address registries for IPv4 and IPv6, and multicast). Addresses that
 * carry an IPv4 address inside (mapped, 6to4, Teredo, NAT64) are refused whole: what they lead to is not seen from here.
 */
const closedIpv4: readonly Network[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.31.196.0', 24],
  ['192.52.193.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['192.175.48.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];
/** Only 2000::/3 is given out to the public internet; of that, what is special. */
const closedIpv6: readonly Network[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['2620:4f:8000::', 48],
  ['3fff::', 20],
];
const openIpv6: Network = ['2000::', 3];

function listOf(networks: readonly Network[], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  for (const [address, prefix] of networks) list.addSubnet(address, prefix, family);
  return list;
}

const closed4 = listOf(closedIpv4, 'ipv4');
const closed6 = listOf(closedIpv6, 'ipv6');
const open6 = listOf([openIpv6], 'ipv6');
const loopback = listOf([['127.0.0.0', 8]], 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Where webhooks may go besides the public internet. */
export type AllowedNetworks = BlockList;

export function allowedNetworks(networks: readonly NamedNetwork[]): AllowedNetworks {
  const list = new BlockList();
  for (const { address, prefix } of networks) list.addSubnet(address, prefix, isIP(address) === 4 ? 'ipv4' : 'ipv6');
  return list;
}

/** The IPv4 address inside `::ffff:…`, which sockets would go to. */
const unmapped = (address: string): string => /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;

/** Whether a webhook may be sent to this address. */
export function mayConnect(given: string, allowed: AllowedNetworks): boolean {
  const address = unmapped(given.replace(/%.*$/, ''));
  const family = isIP(address);
  if (family === 0) return false;
  if (family === 4) return allowed.check(address, 'ipv4') || !closed4.check(address, 'ipv4');
  return allowed.check(address, 'ipv6') || (open6.check(address, 'ipv6') && !closed6.check(address, 'ipv6'));
}

export function isLoopback(given: string): boolean {
  const address = unmapped(given);
  const family = isIP(address);
  return family !== 0 && loopback.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

/** Host of a URL, an IPv6 address without its brackets. */
export const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '');

/**
 * What is wrong with a URL as it stands; null: nothing. Names are looked at when they are resolved, at each try.
 * Without TLS only to this very machine, and only where its networks were allowed: for development.
 */
export function urlProblem(text: string, allowed: AllowedNetworks): string | null {
  const url = new URL(text);
  const host = hostOf(url);
  const isLocal = isLoopback(host) && mayConnect(host, allowed);
  if (url.protocol !== 'https:' && !isLocal) return 'must be https, or lead to this machine where TOWLINE_WEBHOOK_NETWORKS allows that';
  if (isIP(host) !== 0 && !mayConnect(host, allowed)) return 'leads to a network that is not allowed';
  return null;
}
