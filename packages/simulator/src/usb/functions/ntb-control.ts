import { le16, le32, readLe32 } from '../little-endian.ts';
import type { SetupPacket } from '../setup-packet.ts';
import { type ControlAnswer, done } from '../usb-function.ts';

/** Requests of USB NCM 1.0 table 6-2, which MBIM shares. */
const request = {
  setPacketFilter: 0x43,
  getNtbParameters: 0x80,
  getNtbFormat: 0x83,
  setNtbFormat: 0x84,
  getNtbInputSize: 0x85,
  setNtbInputSize: 0x86,
  getMaxDatagramSize: 0x87,
  setMaxDatagramSize: 0x88,
  getCrcMode: 0x89,
  setCrcMode: 0x8a,
} as const;

/** Largest transfer block in either direction, in bytes. */
const maxBlock = 16_384;
/** Least that a host may ask for: USB NCM 1.0 clause 6.2.6. */
const leastBlock = 2_048;
const divisor = 4;
const maxDatagrams = 32;

/** NTB Parameter Structure of USB NCM 1.0 table 6-3: 16-bit blocks only. */
const parameters = Uint8Array.from([
  ...le16(28),
  ...le16(1),
  ...le32(maxBlock),
  ...le16(divisor),
  ...le16(0),
  ...le16(divisor),
  ...le16(0),
  ...le32(maxBlock),
  ...le16(divisor),
  ...le16(0),
  ...le16(divisor),
  ...le16(maxDatagrams),
]);

/** The negotiation of transfer blocks, as `cdc_ncm` and `cdc_mbim` lead it. Each datagram goes in a block of its own. */
export class NtbControl {
  readonly #maxDatagram: number;
  #inputSize = maxBlock;

  /** @param maxDatagram longest frame or packet in bytes */
  constructor(maxDatagram: number) {
    this.#maxDatagram = maxDatagram;
  }

  /** Null: the request is none of these. */
  control(setup: SetupPacket, data: Uint8Array): ControlAnswer | null {
    if (setup.type !== 'class') return null;
    switch (setup.request) {
      case request.getNtbParameters:
        return parameters;
      case request.getNtbInputSize:
        return Uint8Array.from(le32(this.#inputSize));
      case request.setNtbInputSize:
        return this.#setInputSize(readLe32(data, 0));
      case request.getMaxDatagramSize:
        return Uint8Array.from(le16(this.#maxDatagram));
      case request.getNtbFormat:
      case request.getCrcMode:
        return Uint8Array.from(le16(0));
      case request.setNtbFormat:
      case request.setCrcMode:
        // Neither 32-bit blocks nor check sums are on offer.
        return setup.value === 0 ? done : 'stall';
      case request.setMaxDatagramSize:
      case request.setPacketFilter:
        return done;
      default:
        return null;
    }
  }

  #setInputSize(size: number): ControlAnswer {
    if (size < leastBlock || size > maxBlock) return 'stall';
    this.#inputSize = size;
    return done;
  }
}
