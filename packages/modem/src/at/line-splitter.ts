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

/** Characters that are made of bytes in one call: its arguments lie on the stack. */
const charactersAtOnce = 4096;

/** Byte by byte, those above 127 too: an operator's name may hold them. NUL is padding that modems send while they boot. */
function textOf(bytes: Uint8Array): string {
  let text = '';
  for (let start = 0; start < bytes.length; start += charactersAtOnce) {
    text += String.fromCharCode(...bytes.subarray(start, start + charactersAtOnce));
  }
  return text.replaceAll('\0', '');
}

/**
 * Cuts a chunk at its line ends. Both CR and LF end a line, so that `ATI\r\r\n` (Quectel echo) and `AT+CSQ\r\n\r\n` (Air724UG echo) split
 * alike.
 */
export function piecesOf(bytes: Uint8Array): readonly Piece[] {
  const texts = textOf(bytes).split(/[\r\n]+/);
  return texts.map((text, index) => ({ text, ends: index < texts.length - 1 }));
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
