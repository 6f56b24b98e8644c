/** Longest line that is kept; what is longer is dropped whole. The longest reply known is a `COPS=?` of some 2,000 characters. */
export const maxLineLength = 4096;

/** A line that has not ended yet. */
export interface PartialLine {
  readonly text: string;
  /** The line grew past its bound: the rest of it is dropped too. */
  readonly overlong: boolean;
}

export const emptyLine: PartialLine = { text: '', overlong: false };

/**
 * Adds one byte. Both CR and LF end a line, so that `ATI\r\r\n` (Quectel echo) and `AT+CSQ\r\n\r\n` (Air724UG echo) split
 * alike; empty lines vanish. NUL is padding that modems send while they boot. Bytes above 127 stay as they are: an
 * operator's name may hold them.
 */
export function addByte(line: PartialLine, byte: number): { readonly line: PartialLine; readonly ended: string | null } {
  if (byte === 0x0d || byte === 0x0a) {
    const text = line.text.trim();
    return { line: emptyLine, ended: line.overlong || text === '' ? null : text };
  }
  if (byte === 0 || line.overlong) return { line, ended: null };
  if (line.text.length >= maxLineLength) return { line: { text: '', overlong: true }, ended: null };
  return { line: { text: line.text + String.fromCharCode(byte), overlong: false }, ended: null };
}
