/** Gathers little-endian fields, as QMI, MBIM and NCM have them, into one array of bytes. */
export class ByteWriter {
  #bytes: Uint8Array;
  #length = 0;

  constructor(capacity = 64) {
    this.#bytes = new Uint8Array(capacity);
  }

  get length(): number {
    return this.#length;
  }

  u8(value: number): this {
    return this.#number(value, 1);
  }

  u16(value: number): this {
    return this.#number(value, 2);
  }

  u32(value: number): this {
    return this.#number(value, 4);
  }

  /** The high half first in memory is the high half last: plain little-endian. */
  u64(value: bigint): this {
    return this.u32(Number(value & 0xffff_ffffn)).u32(Number((value >> 32n) & 0xffff_ffffn));
  }

  bytes(bytes: Uint8Array): this {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
    return this;
  }

  text(text: string): this {
    return this.bytes(new TextEncoder().encode(text));
  }

  /** A text behind its length in one byte. */
  text8(text: string): this {
    const encoded = new TextEncoder().encode(text).subarray(0, 0xff);
    return this.u8(encoded.length).bytes(encoded);
  }

  /** Zeros up to the next multiple of `unit`. */
  align(unit: number): this {
    const missing = (unit - (this.#length % unit)) % unit;
    return this.bytes(new Uint8Array(missing));
  }

  /** Writes a number over what stands at `offset` already. */
  patch(offset: number, value: number, width: 2 | 4): this {
    for (let index = 0; index < width; index += 1) this.#bytes[offset + index] = (value >>> (8 * index)) & 0xff;
    return this;
  }

  done(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #number(value: number, width: number): this {
    this.#reserve(width);
    for (let index = 0; index < width; index += 1) this.#bytes[this.#length + index] = (value >>> (8 * index)) & 0xff;
    this.#length += width;
    return this;
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + more));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}
