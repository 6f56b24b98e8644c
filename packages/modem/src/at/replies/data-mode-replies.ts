import type { DataModeDialect } from '../../models/dialects.schema.ts';
import { fieldsOf, textOf } from './fields.ts';

/** `+QCFG: "usbnet",1`. */
function qcfgUsbnet(lines: readonly string[]): string | null {
  const fields = fieldsOf(lines, '+QCFG').find((candidate) => candidate[0]?.text.toLowerCase() === 'usbnet');
  return textOf(fields?.[1]);
}

/** Sierra `AT!USBCOMP?`: a line `Interface bitmask: 0000100D (diag,nmea,modem,mbim)`. */
function usbcomp(lines: readonly string[]): string | null {
  const mask = /bitmask:\s*(?:0x)?0*([0-9A-F]+)/i.exec(lines.join('\n'))?.[1];
  return mask?.toUpperCase() ?? null;
}

/** SIMCom `+CUSBCFG: USBID: 1E0E,9001` or `+CUSBCFG: usbid,1e0e,9001`: the product id ends the line. */
function cusbcfg(lines: readonly string[]): string | null {
  return /^\+CUSBCFG:.*\b([0-9a-f]{4})$/im.exec(lines.join('\n'))?.[1]?.toLowerCase() ?? null;
}

/** Telit `#USBCFG: 0`. */
function usbcfg(lines: readonly string[]): string | null {
  return textOf(fieldsOf(lines, '#USBCFG')[0]?.[0]);
}

/** Huawei `^SETPORT: FF;10,12,16`: the network function ends the list. */
function setport(lines: readonly string[]): string | null {
  return textOf(fieldsOf(lines, '^SETPORT')[0]?.at(-1));
}

/** The modem's own code of its data mode, as `dataModes.modes[].code` has it. */
export const dataModeParsers: Readonly<Record<Exclude<DataModeDialect, 'fixed'>, (lines: readonly string[]) => string | null>> = {
  'qcfg-usbnet': qcfgUsbnet,
  usbcomp,
  cusbcfg,
  usbcfg,
  setport,
};

/**
 * The number of the generic composition type in `AT!USBCOMP=?`: 1 on MC7455, 3 on EM7565, where 1 is a type without an AT
 * port (wirelessjoint.com t=911). Null: the list does not name one.
 */
export function parseGenericUsbcompType(lines: readonly string[]): number | null {
  const found = /\b(\d)\s*:\s*Generic/i.exec(lines.join('\n'))?.[1];
  return found === undefined ? null : Number(found);
}
