import { fieldsOf } from './fields.ts';

/** Whether a firmware's own list has this code of a data mode. */
export type OffersCode = (code: string) => boolean;

/** Dialects whose test command lists what the firmware offers. */
export type ListedDialect = 'qcfg-usbnet' | 'usbcomp' | 'usbcfg';

/** `0-3`, `5`: a value or a range of V.250 clause 5.7.3.1. Null: it is neither. */
function numbersOf(text: string): readonly number[] | null {
  const [, first, last = first] = /^\(?\s*(\d{1,3})\s*(?:-\s*(\d{1,3})\s*)?\)?$/.exec(text) ?? [];
  if (first === undefined) return null;
  const from = Number(first);
  return Array.from({ length: Math.max(0, Number(last) - from + 1) }, (_, index) => from + index);
}

/** `(0-3,5)`, the first list of a test reply. */
function listOf(text: string): OffersCode | null {
  const inner = /\(([^()]*)\)/.exec(text)?.[1];
  const parts = inner?.split(',').map((part) => numbersOf(part.trim())) ?? [];
  if (parts.length === 0 || parts.some((part) => part === null)) return null;
  const offered = new Set(parts.flatMap((part) => part ?? []));
  return (code) => /^\d{1,3}$/.test(code) && offered.has(Number(code));
}

/** A line `+QCFG: "usbnet",(0-3)` among those of all other settings. */
function qcfgUsbnet(lines: readonly string[]): OffersCode | null {
  const line = lines.find((one) => /^\+QCFG:\s*"usbnet"/i.test(one));
  return line === undefined ? null : listOf(line);
}

/** Sierra: each function of the bitmask on a line with its bit, `MBIM - 0x00001000`. A mode needs all of its bits. */
function usbcomp(lines: readonly string[]): OffersCode | null {
  const bits = [...lines.join('\n').matchAll(/[-:]\s*0x([0-9a-f]{4,8})\b/gi)].map(([, hex = '0']) => Number.parseInt(hex, 16));
  if (bits.length === 0) return null;
  const known = bits.reduce((all, bit) => all | bit, 0);
  return (code) => /^[0-9a-f]{1,7}$/i.test(code) && (Number.parseInt(code, 16) & ~known) === 0;
}

/** Telit `#USBCFG: (0-11)`. */
function usbcfg(lines: readonly string[]): OffersCode | null {
  const [fields] = fieldsOf(lines, '#USBCFG');
  return fields ? listOf(fields.map(({ text }) => text).join(',')) : null;
}

/** What the firmware offers, as it lists it itself; null: the reply does not say. */
export const offeredModeParsers: Readonly<Record<ListedDialect, (lines: readonly string[]) => OffersCode | null>> = {
  'qcfg-usbnet': qcfgUsbnet,
  usbcomp,
  usbcfg,
};
