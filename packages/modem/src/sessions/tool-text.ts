/**
 * Values out of the text of qmicli and mbimcli: lines `   Label: 'value'`, the quotes of which come and go between versions; the first
 * line of an answer has the port in front, `[/dev/cdc-wdm0] Label: 'value'`.
 * Labels are found without regard to case and to what stands around them.
 */
export function labelled(text: string, label: string): string | null {
  const found = new RegExp(`^[ \\t]*(?:\\[[^\\]\\n]*\\] )?${label}:[ \\t]*'?([^'\\n]*?)'?[ \\t]*$`, 'im').exec(text)?.[1];
  return found === undefined || found === '' ? null : found;
}

export function labelledNumber(text: string, label: string): number | null {
  const value = labelled(text, label);
  return value !== null && /^\d{1,10}$/.test(value) ? Number(value) : null;
}

/** Quotes a value in the `key=value,…` argument of qmicli and mbimcli; null for what their parser cannot carry. */
export function quotedValue(value: string): string | null {
  return /^[\x20-\x21\x23-\x26\x28-\x2b\x2d-\x5b\x5d-\x7e]{1,127}$/.test(value) ? `"${value}"` : null;
}

/** Prefix length of a dotted mask; null for one with holes. */
export function prefixLengthOf(mask: string): number | null {
  const octets = mask.split('.').map(Number);
  if (octets.length !== 4 || octets.some((octet) => !Number.isInteger(octet) || octet < 0 || octet > 255)) return null;
  const bits = octets.map((octet) => octet.toString(2).padStart(8, '0')).join('');
  return /^1*0*$/.test(bits) ? bits.lastIndexOf('1') + 1 : null;
}
