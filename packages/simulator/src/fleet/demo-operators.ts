import type { OperatorNetworkOptions } from '../network/operator-network.ts';

/** Three invented operators on the PLMNs that are reserved for tests. */
export const demoOperators: readonly OperatorNetworkOptions[] = [
  {
    plmn: '00101',
    name: 'Polder Mobile',
    rats: ['nr-sa', 'lte', 'lte-m', 'nb-iot', 'gsm'],
    accessPoints: [
      { name: 'polder.internet', ipTypes: ['ipv4'] },
      { name: 'fleet.north', ipTypes: ['ipv4'] },
      { name: 'fleet.next', ipTypes: ['ipv4', 'ipv6'] },
      // Sold to nobody yet: cause 33.
      { name: 'fleet.premium', ipTypes: ['ipv4'], subscribers: [] },
    ],
  },
  {
    plmn: '00102',
    name: 'Fjord Telecom',
    rats: ['lte', 'lte-m', 'gsm'],
    accessPoints: [
      { name: 'fjord.m2m', ipTypes: ['ipv4', 'ipv6'] },
      { name: 'fleet.north', ipTypes: ['ipv4'] },
      { name: 'fleet.next', ipTypes: ['ipv4'], auth: { username: 'fleet', password: 'fjord-demo' } },
    ],
    unknownAccessPoint: 'default',
  },
  {
    plmn: '99970',
    name: 'Campus Nord',
    rats: ['nr-sa', 'lte', 'lte-m'],
    accessPoints: [
      { name: 'campus', ipTypes: ['ipv4'] },
      { name: 'fleet.north', ipTypes: ['ipv4'] },
    ],
    roamingPartners: [],
  },
];
