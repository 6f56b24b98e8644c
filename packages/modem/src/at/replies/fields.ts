/** One value of an information line (3GPP TS 27.007 clause 4). */
export interface Field {
  /** Without its quotes. */
  readonly text: string;
  readonly quoted: boolean;
}

/** Splits `a,"b,c",` at the commas outside quotes. */
export function splitFields(text: string): readonly Field[] {
  const parts = text.match(/(?:"[^"]*"?|[^",])+|(?<=,|^)(?=,|$)/g) ?? [];
  return parts.map((part) => {
    const trimmed = part.trim();
    const inner = /^"(.*?)"?$/.exec(trimmed)?.[1];
    return inner === undefined ? { text: trimmed, quoted: false } : { text: inner, quoted: true };
  });
}

/** The fields of every line that begins with `<name>:`, in their order. */
export function fieldsOf(lines: readonly string[], name: string): readonly (readonly Field[])[] {
  return lines.filter((line) => line.startsWith(`${name}:`)).map((line) => splitFields(line.slice(name.length + 1).trim()));
}

/** The whole number or decimal that a field is, or null. */
export function numberOf(field: Field | undefined): number | null {
  return field && /^[+-]?\d+(\.\d+)?$/.test(field.text) ? Number(field.text) : null;
}

/** The text of a field that is there and not empty. */
export function textOf(field: Field | undefined): string | null {
  return field && field.text !== '' ? field.text : null;
}
