import { descriptor } from './descriptors.ts';
import { le16, le32 } from './little-endian.ts';

/** CS_INTERFACE of USB CDC 1.2 table 12. */
const classSpecificInterface = 0x24;

/** The control interface of a CDC function and the interface its data go over. */
export interface CdcPair {
  readonly control: number;
  readonly data: number;
  /** Index of the string with the host's MAC. */
  readonly macString: number;
}

/** Bytes of an Ethernet frame without its check sum. */
const etherSegment = 1514;

/** Longest control message of QMI and MBIM functions, in bytes; the drivers of the kernel read into a buffer of this size. */
export const maxControlMessage = 4096;

/** Longest IP packet that an MBIM function takes. */
export const mbimSegment = 2048;

function header(): Uint8Array {
  return descriptor(classSpecificInterface, [0x00, ...le16(0x0110)]);
}

function union({ control, data }: CdcPair): Uint8Array {
  return descriptor(classSpecificInterface, [0x06, control, data]);
}

/** USB CDC ECM 1.2 clause 5.4. */
function ethernet({ macString }: CdcPair): Uint8Array {
  return descriptor(classSpecificInterface, [0x0f, macString, ...le32(0), ...le16(etherSegment), ...le16(0), 0]);
}

/** Call management and ACM descriptors, which an RNDIS function carries as it poses as a modem. */
function abstractModem({ data }: CdcPair): readonly Uint8Array[] {
  return [descriptor(classSpecificInterface, [0x01, 0x00, data]), descriptor(classSpecificInterface, [0x02, 0x00])];
}

/** USB NCM 1.0 clause 5.2.1. Capabilities: the host may set the packet filter. */
function ncm(): Uint8Array {
  return descriptor(classSpecificInterface, [0x1a, ...le16(0x0100), 0x01]);
}

/** USB MBIM 1.0 clause 6.4. Capabilities: the maximum datagram size may not be set. */
function mbim(): Uint8Array {
  return descriptor(classSpecificInterface, [0x1b, ...le16(0x0100), ...le16(maxControlMessage), 16, 128, ...le16(mbimSegment), 0x20]);
}

/** The functional descriptors of a control interface, by the kernel driver that is meant to take it. */
export function functionalDescriptors(driver: string, pair: CdcPair): readonly Uint8Array[] {
  switch (driver) {
    case 'cdc_ether':
      return [header(), union(pair), ethernet(pair)];
    case 'rndis_host':
      return [header(), ...abstractModem(pair), union(pair)];
    case 'cdc_ncm':
      return [header(), union(pair), ethernet(pair), ncm()];
    case 'cdc_mbim':
      return [header(), union(pair), mbim()];
    default:
      return [];
  }
}
