import { createEthernetSide, type EthernetSide } from '../ethernet/ethernet-side.ts';
import { networkFunctionUplink } from '../ethernet/uplink.ts';
import type { SimulatedModem } from '../modem/simulated-modem.ts';
import { type NetworkSides, silentSides } from './network-sides.ts';

/** The module's own MAC on the wire to the host: the host's with the last bit turned. */
export function modemMacOf(hostMac: Uint8Array): Uint8Array {
  return hostMac.map((byte, at) => (at === hostMac.length - 1 ? byte ^ 1 : byte));
}

/** What the network functions of a simulated modem lead to: its bearers, its control protocols. */
export function modemSides(modem: SimulatedModem, hostMac: Uint8Array): NetworkSides {
  const frames = (): EthernetSide =>
    createEthernetSide({ mac: modemMacOf(hostMac), uplink: networkFunctionUplink(modem), behaviours: modem.behaviours });
  return { ...silentSides, frames };
}
