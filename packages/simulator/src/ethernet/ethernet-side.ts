import type { Cancel } from '@towline/kit';
import type { BehaviourSet } from '../modem/behaviour.ts';
import type { UplinkSource } from './uplink.ts';

export interface EthernetSideOptions {
  /** Six bytes: the modem's own end of the wire. */
  readonly mac: Uint8Array;
  readonly uplink: UplinkSource;
  readonly behaviours: Pick<BehaviourSet, 'find'>;
}

/** The modem's end of an Ethernet wire: ECM, RNDIS, NCM, or QMI in its 802.3 format. Frames without FCS. */
export interface EthernetSide {
  /** A frame from the host. */
  receive(frame: Uint8Array): void;
  /** Frames for the host. */
  onFrame(listen: (frame: Uint8Array) => void): Cancel;
  /** Lets go of the uplink. */
  close(): void;
}
