import { createEthernetSide, type EthernetSide } from '../ethernet/ethernet-side.ts';
import { networkFunctionUplink } from '../ethernet/uplink.ts';
import { createMbimPeer, type MbimPeer } from '../mbim/create-mbim-peer.ts';
import type { SimulatedModem } from '../modem/simulated-modem.ts';
import { createQmiPeer, type QmiPeer } from '../qmi/create-qmi-peer.ts';
import { createQmiPackets } from '../qmi/qmi-packets.ts';
import type { MbimSide } from './functions/mbim-function.ts';
import type { QmiSide } from './functions/qmi-function.ts';
import { modemMacOf } from './mac-addresses.ts';
import type { NetworkSides } from './network-sides.ts';

/** What the network functions of a simulated modem lead to: its bearers, its control protocols. */
export function modemSides(modem: SimulatedModem, hostMac: Uint8Array): NetworkSides {
  const frames = (): EthernetSide =>
    createEthernetSide({ mac: modemMacOf(hostMac), uplink: networkFunctionUplink(modem), behaviours: modem.behaviours });
  // One peer for the life of the modem: client ids outlive an enumeration, they end with a reset.
  let qmiPeer: QmiPeer | null = null;
  const qmi = (): QmiSide => {
    qmiPeer ??= createQmiPeer(modem);
    const ethernet = frames();
    return { peer: qmiPeer, packets: createQmiPackets(qmiPeer, ethernet), close: () => ethernet.close() };
  };
  let mbimPeer: MbimPeer | null = null;
  const mbim = (): MbimSide => {
    mbimPeer ??= createMbimPeer(modem);
    const { link } = mbimPeer;
    return { peer: mbimPeer, packets: { receive: (packet) => link.send(packet), onPacket: (listen) => link.onPacket(listen) } };
  };
  return { frames, qmi, mbim, qmiClients: () => qmiPeer?.clientsOut ?? 0 };
}
