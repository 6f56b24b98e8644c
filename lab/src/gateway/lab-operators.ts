import { type CoreNetwork, createOperatorNetwork, type OperatorNetwork } from '@towline/simulator';

/** Names of the lab's access points, each for what it does. */
export const accessPoints = {
  /** Lets everybody in, and on to the internet of the lab. */
  internet: 'lab.internet',
  /** The same with both address families. */
  dual: 'lab.dual',
  /** Asks for credentials. */
  secret: 'lab.secret',
  /** Sold to somebody else: cause 33. */
  foreign: 'lab.foreign',
  /** Known to nobody: cause 27. */
  unknown: 'lab.unknown',
  /** Accepts and leads nowhere. */
  island: 'lab.island',
} as const;

/** What the secret access point takes. */
export const credentials = { username: 'gateway', password: 'rope-and-anchor' } as const;

/** MCC and MNC that are reserved for tests. */
export const plmn = '00101';

/** The operator whose cards the lab's modems carry. */
export function labOperator(core: CoreNetwork): OperatorNetwork {
  return createOperatorNetwork({
    plmn,
    name: 'Lab Mobile',
    rats: ['lte', 'lte-m', 'gsm'],
    accessPoints: [
      { name: accessPoints.internet, ipTypes: ['ipv4'] },
      { name: accessPoints.dual, ipTypes: ['ipv4', 'ipv6'] },
      { name: accessPoints.secret, ipTypes: ['ipv4'], auth: credentials },
      { name: accessPoints.foreign, ipTypes: ['ipv4'], subscribers: [] },
      { name: accessPoints.island, ipTypes: ['ipv4'], reaches: [] },
    ],
    core,
  });
}
