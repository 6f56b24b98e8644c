import { ByteReader } from '../binary/byte-reader.ts';
import { ByteWriter } from '../binary/byte-writer.ts';
import { uuidBytes } from './uuid.ts';

interface Placed {
  readonly at: number;
  readonly bytes: Uint8Array;
  readonly withSize: boolean;
}

function utf16(text: string): Uint8Array {
  const writer = new ByteWriter(text.length * 2);
  for (let index = 0; index < text.length; index += 1) writer.u16(text.charCodeAt(index));
  return writer.done();
}

/**
 * An information buffer: fields at fixed places, and behind them what they point at by offset and size, each at a
 * multiple of four (MBIM 1.0 clause 10.3). What is empty has offset 0.
 */
export class MbimStruct {
  readonly #fields = new ByteWriter();
  readonly #placed: Placed[] = [];

  u32(value: number): this {
    this.#fields.u32(value);
    return this;
  }

  u64(value: bigint): this {
    this.#fields.u64(value);
    return this;
  }

  uuid(text: string): this {
    this.#fields.bytes(uuidBytes(text));
    return this;
  }

  /** Offset and size of a text in UTF-16. */
  text(text: string): this {
    return this.#place(utf16(text), true);
  }

  /** Offset alone of bytes whose size the reader knows. */
  bytesAt(bytes: Uint8Array | null): this {
    return this.#place(bytes ?? new Uint8Array(), false);
  }

  /** Count, then offset and size of each element. */
  list(elements: readonly Uint8Array[]): this {
    this.u32(elements.length);
    for (const element of elements) this.#place(element, true);
    return this;
  }

  done(): Uint8Array {
    const writer = new ByteWriter(this.#fields.length).bytes(this.#fields.done());
    for (const { at, bytes, withSize } of this.#placed) {
      if (bytes.length === 0) continue;
      writer.align(4);
      writer.patch(at, writer.length, 4);
      if (withSize) writer.patch(at + 4, bytes.length, 4);
      writer.bytes(bytes);
    }
    return writer.align(4).done();
  }

  #place(bytes: Uint8Array, withSize: boolean): this {
    this.#placed.push({ at: this.#fields.length, bytes, withSize });
    this.#fields.u32(0);
    if (withSize) this.#fields.u32(0);
    return this;
  }
}

/** Reads an information buffer of the host. */
export class MbimStructReader {
  readonly #bytes: Uint8Array;
  readonly #reader: ByteReader;
  #whole = true;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#reader = new ByteReader(bytes);
  }

  /** False once a field or what it points at lay outside. */
  get whole(): boolean {
    return this.#whole && this.#reader.whole;
  }

  u32(): number {
    return this.#reader.u32();
  }

  bytes(length: number): Uint8Array {
    return this.#reader.bytes(length);
  }

  text(): string {
    const bytes = this.element();
    return new TextDecoder('utf-16le').decode(bytes);
  }

  /** What offset and size point at. */
  element(): Uint8Array {
    const offset = this.#reader.u32();
    const size = this.#reader.u32();
    if (size === 0) return new Uint8Array();
    if (offset + size > this.#bytes.length) this.#whole = false;
    return this.#bytes.subarray(offset, offset + size);
  }
}
