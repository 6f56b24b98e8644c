import type { BandsDialect } from '../../models/bands.schema.ts';
import { fieldsOf, textOf } from './fields.ts';

/** Bands by what the dialect calls the setting. */
type Parse = (lines: readonly string[], setting: string) => ReadonlyMap<string, readonly number[]> | null;

/** Band n is bit n - 1. Null for what is no hexadecimal mask. */
function bandsOfMask(text: string): readonly number[] | null {
  const digits = /^(?:0x)?([0-9a-f]{1,32})$/i.exec(text)?.[1];
  if (digits === undefined) return null;
  const bits = BigInt(`0x${digits}`).toString(2).split('').reverse();
  return bits.flatMap((bit, index) => (bit === '1' ? [index + 1] : []));
}

/** Hexadecimal in capitals, without a prefix. */
export function maskOfBands(bands: readonly number[]): string {
  const mask = bands.reduce((sum, band) => sum | (1n << BigInt(band - 1)), 0n);
  return mask.toString(16).toUpperCase();
}

/** Masks by their place, from 1. */
function placed(masks: readonly string[]): ReadonlyMap<string, readonly number[]> | null {
  const found = masks.map(bandsOfMask);
  const whole = found.filter((bands) => bands !== null);
  return whole.length === 0 || whole.length < found.length ? null : new Map(whole.map((bands, index) => [`${index + 1}`, bands]));
}

/** `+QCFG: "band",0x93,0x1a0000800d5,0x0`. */
const qcfg: Parse = (lines) => {
  const fields = fieldsOf(lines, '+QCFG').find((candidate) => candidate[0]?.text.toLowerCase() === 'band');
  return fields ? placed(fields.slice(1).map(({ text }) => text)) : null;
};

/** `+QNWPREFCFG: "lte_band",1:3:7`. */
const qnwprefcfg: Parse = (lines, setting) => {
  const fields = fieldsOf(lines, '+QNWPREFCFG').find((candidate) => candidate[0]?.text.toLowerCase() === setting);
  const text = textOf(fields?.[1]);
  return text !== null && /^\d{1,3}(:\d{1,3})*$/.test(text) ? new Map([[setting, text.split(':').map(Number)]]) : null;
};

/** `00, All bands                      0002000007C00000 00000100130818DF 0000000000000000`: the masks end the line of the set in force. */
const band: Parse = (lines) => {
  const masks = lines.map((line) => /^[0-9A-F]{2},.*?((?: +[0-9A-F]{16})+) *$/i.exec(line)?.[1]).find((found) => found !== undefined);
  return masks === undefined ? null : placed(masks.trim().split(/ +/));
};

/** The bands that a modem may use, by what its dialect calls the setting. */
export const bandsParsers: Readonly<Record<BandsDialect, Parse>> = { qcfg, 'qcfg-plain': qcfg, qnwprefcfg, band };
