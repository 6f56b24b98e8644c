const encoder = new TextEncoder();

/** UTF-8. A short line of ASCII, as nearly all that modems say is, costs an encoder more than a walk over it. */
export function bytesOf(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code > 0x7f) return encoder.encode(text);
    bytes[index] = code;
  }
  return bytes;
}
