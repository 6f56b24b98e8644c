import type { Cancel } from '@towline/kit';
import type { EthernetSide } from '../ethernet/ethernet-side.ts';
import type { QmiPeer } from './create-qmi-peer.ts';

/** The bulk endpoints beside a QMI control channel. */
export interface QmiPackets {
  /** What came in one transfer: a packet or a frame, whichever the host believes in. */
  receive(bytes: Uint8Array): void;
  onPacket(listen: (bytes: Uint8Array) => void): Cancel;
}

/**
 * Carries packets as the data format of now has them. A host that frames them otherwise gets nothing through: its
 * packets are no frames, its frames no packets.
 */
export function createQmiPackets(peer: Pick<QmiPeer, 'link' | 'linkProtocol'>, ethernet: EthernetSide): QmiPackets {
  return {
    receive(bytes) {
      if (peer.linkProtocol === 'raw-ip') peer.link.send(bytes);
      else ethernet.receive(bytes);
    },
    onPacket(listen) {
      const stops = [
        peer.link.onPacket((packet) => {
          if (peer.linkProtocol === 'raw-ip') listen(packet);
        }),
        ethernet.onFrame((frame) => {
          if (peer.linkProtocol === 'ethernet') listen(frame);
        }),
      ];
      return () => {
        for (const stop of stops) stop();
      };
    },
  };
}
