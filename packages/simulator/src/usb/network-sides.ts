import type { MbimSide } from './functions/mbim-function.ts';
import type { FrameChannel } from './functions/network-wiring.ts';
import type { QmiSide } from './functions/qmi-function.ts';

/** What the network functions of a modem lead to. Made anew at each enumeration. */
export interface NetworkSides {
  /** Ethernet of ECM, RNDIS and NCM. */
  frames(): FrameChannel;
  qmi(): QmiSide;
  mbim(): MbimSide;
  /** QMI client ids that are given out now, of all services together. */
  qmiClients(): number;
}

const silent = {
  receive: () => undefined,
  onFrame: () => () => undefined,
  close: () => undefined,
  onPacket: () => () => undefined,
  onMessage: () => () => undefined,
};

/** Network functions that bind and say nothing. */
export const silentSides: NetworkSides = {
  frames: () => silent,
  qmi: () => ({ peer: silent, packets: silent, close: () => undefined }),
  mbim: () => ({ peer: silent, packets: silent }),
  qmiClients: () => 0,
};
