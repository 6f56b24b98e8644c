/**
 * Takes little-endian fields out of bytes from outside. Reading past the end gives zeros and clears `whole`, so that
 * a reader asks once at the end instead of after every field.
 */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #at: number;
  #whole = true;

  constructor(bytes: Uint8Array, offset = 0) {
    this.#bytes = bytes;
    this.#at = offset;
  }

  /** False once a field lay outside the bytes. */
  get whole(): boolean {
    return this.#whole;
  }

  get left(): number {
    return Math.max(0, this.#bytes.length - this.#at);
  }

  u8(): number {
    return this.#number(1);
  }

  u16(): number {
    return this.#number(2);
  }

  u32(): number {
    return this.#number(4);
  }

  bytes(length: number): Uint8Array {
    if (length > this.left) this.#whole = false;
    const taken = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return taken;
  }

  rest(): Uint8Array {
    return this.bytes(this.left);
  }

  /** A text behind its length in one byte. */
  text8(): string {
    return new TextDecoder('latin1').decode(this.bytes(this.u8()));
  }

  #number(width: number): number {
    if (width > this.left) this.#whole = false;
    let value = 0;
    for (let index = width - 1; index >= 0; index -= 1) value = value * 256 + (this.#bytes[this.#at + index] ?? 0);
    this.#at += width;
    return value;
  }
}
