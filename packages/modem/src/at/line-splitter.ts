/** Longest line that is kept; what is longer is dropped whole. The longest reply known is a `COPS=?` of some 2,000 characters. */
export const maxLineLength = 4096;

/** A line that has not ended yet. */
export interface PartialLine {
  readonly text: string;
  /** The line grew past its bound: the rest of it is dropped too. */
  readonly overlong: boolean;
}

export const emptyLine: PartialLine = { text: '', overlong: false };

/** What of a chunk belongs to one line. */
export interface Piece {
  readonly text: string;
  /** A line end follows. */
  readonly ends: boolean;
}

const cr = 0x0d;
const lf = 0x0a;

/**
 * Cuts a chunk at its line ends. Both CR and LF end a line, so that `ATI\r\r\n` (Quectel echo) and `AT+CSQ\r\n\r\n` (Air724UG echo) split
 * alike. NUL is padding that modems send while they boot. Bytes above 127 stay as they are: an operator's name may hold them.
 */
export function piecesOf(bytes: Uint8Array): readonly Piece[] {
  const pieces: Piece[] = [];
  let text = '';
  for (const byte of bytes) {
    if (byte === cr || byte === lf) {
      pieces.push({ text, ends: true });
      text = '';
    } else if (byte !== 0) text += String.fromCharCode(byte);
  }
  pieces.push({ text, ends: false });
  return pieces;
}

export function addText(line: PartialLine, text: string): PartialLine {
  if (line.overlong || text === '') return line;
  const length = line.text.length + text.length;
  return length > maxLineLength ? { text: '', overlong: true } : { text: line.text + text, overlong: false };
}

/** The line that has ended; null for an empty one, and for one that was too long. */
export function endedLine(line: PartialLine): string | null {
  const text = line.text.trim();
  return line.overlong || text === '' ? null : text;
}
