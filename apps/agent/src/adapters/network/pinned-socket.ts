import { randomInt } from 'node:crypto';
import type { LookupFunction, TcpSocketConnectOpts } from 'node:net';
import { Fault } from '@towline/kit';
import type { BearerPath } from '../../runtime/ports.ts';
import { resolvePinned } from './pinned-resolver.ts';
import { type PortRing, portRing } from './port-ring.ts';

/** Names by the bearer's own resolvers, asked over the bearer. */
function pinnedLookup({ resolvers }: BearerPath, ring: PortRing): LookupFunction {
  return (name, { all }, callback) => {
    void resolvePinned(name, resolvers, ring).then((address) => {
      if (address === null) return callback(new Fault('ENOTFOUND', `${name} is not known to the bearer's resolvers`), '', 4);
      const family = address.includes(':') ? 6 : 4;
      return all === true ? callback(null, [{ address, family }]) : callback(null, address, family);
    });
  };
}

/** What makes a socket leave by a bearer: the rules of the host lead its local port into the bearer's routing table. */
export function pinnedOptions(path: BearerPath | undefined): Pick<TcpSocketConnectOpts, 'localPort' | 'lookup' | 'autoSelectFamily'> {
  if (!path) return {};
  const ring = portRing(path.ports, randomInt(64));
  // Two attempts at once would want one port twice.
  return { localPort: ring.next(), lookup: pinnedLookup(path, ring), autoSelectFamily: false };
}
