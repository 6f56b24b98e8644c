import type { DataMode } from '@towline/modem';
import type { OperatorNetwork } from '../network/operator-network.ts';
import type { ModemState } from './modem-state.ts';
import type { World } from './world.ts';

/** What the host's network interface would get now: by DHCP, from the control port, or by IPCP. */
export interface DataLink {
  readonly mode: DataMode;
  readonly contextId: number;
  /** The name that the network gave, with its suffix. */
  readonly accessPoint: string;
  readonly addresses: readonly string[];
  readonly gateway: string;
  readonly dns: readonly string[];
  /** The address belongs to a NAT inside the module: it differs from `AT+CGPADDR`. */
  readonly behindNat: boolean;
}

const natAddress = '192.168.43.100';
const natGateway = '192.168.43.1';

/** The link of the USB network function, else the one of the PPP port, else null. */
export function dataLinkOf(state: ModemState, world: World): DataLink | null {
  const { networkCall, pppCall, bearers, dataMode } = state.running;
  const contextId = networkCall ?? pppCall?.contextId ?? null;
  const grant = contextId === null ? undefined : bearers.get(contextId)?.grant;
  if (contextId === null || !grant) return null;
  const behindNat = networkCall !== null && world.character.natInModule;
  return {
    mode: networkCall === null ? 'ppp' : dataMode,
    contextId,
    accessPoint: grant.accessPoint,
    addresses: behindNat ? [natAddress] : grant.addresses,
    gateway: behindNat ? natGateway : grant.gateway,
    dns: behindNat ? [natGateway] : grant.dns,
    behindNat,
  };
}

/** Whether a packet sent over this link gets to `host`. */
export function linkReaches(link: DataLink | null, network: OperatorNetwork, host: string): boolean {
  return link !== null && network.reaches(link.accessPoint, host);
}
