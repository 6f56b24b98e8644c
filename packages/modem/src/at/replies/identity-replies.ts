/** The first line of a reply, without its name, `Manufacturer:` label or quotes. */
export function parseText(lines: readonly string[]): string | null {
  const line = lines.find((candidate) => candidate !== '');
  if (line === undefined) return null;
  return (
    line
      .replace(/^(\+[A-Z]+|Manufacturer|Model|Revision)\s*:\s*/i, '')
      .replace(/^"(.*)"$/, '$1')
      .trim() || null
  );
}

/** The firmware in `ATI`: `Revision: EC200AEUHAR01A30M16`. */
export function parseRevision(lines: readonly string[]): string | null {
  return lines.map((line) => /^Revision:\s*(.+)$/i.exec(line)?.[1]?.trim()).find((found) => found !== undefined) ?? null;
}

/** `+CFUN: 1` is full functionality (3GPP TS 27.007 clause 8.2); everything else is off the air. */
export function parseRadio(lines: readonly string[]): 'on' | 'off' | null {
  const level = lines.map((line) => /^\+CFUN:\s*(\d+)/.exec(line)?.[1]).find((found) => found !== undefined);
  if (level === undefined) return null;
  return level === '1' ? 'on' : 'off';
}
