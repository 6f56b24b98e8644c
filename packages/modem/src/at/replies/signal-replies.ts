import type { Signal } from '../../driver.ts';
import type { SignalDialect } from '../../models/dialects.schema.ts';
import { fieldsOf, numberOf } from './fields.ts';

export const noSignal: Signal = { rssiDbm: null, rsrpDbm: null, rsrqDb: null, sinrDb: null };

/** One decimal is all that any of these modems resolves. */
function decimal(value: number | null): number | null {
  return value === null ? null : Math.round(value * 10) / 10;
}

/** `offset + steps * step` for a step count from 0 to `max`; null beyond, where 3GPP puts "not known". */
function stepped(count: number | null, scale: { readonly offset: number; readonly step: number; readonly max: number }): number | null {
  return count === null || count < 0 || count > scale.max ? null : decimal(scale.offset + count * scale.step);
}

function within(value: number | null, low: number, high: number): number | null {
  return value !== null && value >= low && value <= high ? decimal(value) : null;
}

/** `+CSQ: n,ber`: n from 0 to 31 is -113 dBm and 2 dB a step; 99 is unknown (TS 27.007 clause 8.5). */
function csq(lines: readonly string[]): Signal | null {
  const [fields] = fieldsOf(lines, '+CSQ');
  const count = numberOf(fields?.[0]);
  return count === null ? null : { ...noSignal, rssiDbm: stepped(count, { offset: -113, step: 2, max: 31 }) };
}

/**
 * `+CESQ: rxlev,ber,rscp,ecno,rsrq,rsrp[,ss_rsrq,ss_rsrp,ss_sinr]` (TS 27.007 clause 8.69). ModemManager reads
 * `+CESQ: ..,20,55` as RSRQ -10 dB and RSRP -86 dBm. NR values count where LTE has none.
 */
function cesq(lines: readonly string[]): Signal | null {
  const [fields] = fieldsOf(lines, '+CESQ');
  if (!fields || fields.length < 6) return null;
  const value = (index: number): number | null => numberOf(fields[index]);
  return {
    rssiDbm: stepped(value(0), { offset: -111, step: 1, max: 63 }),
    rsrqDb: stepped(value(4), { offset: -20, step: 0.5, max: 34 }) ?? stepped(value(6), { offset: -43.5, step: 0.5, max: 126 }),
    rsrpDbm: stepped(value(5), { offset: -141, step: 1, max: 97 }) ?? stepped(value(7), { offset: -157, step: 1, max: 126 }),
    sinrDb: stepped(value(8), { offset: -23.5, step: 0.5, max: 127 }),
  };
}

/** Quectel `+QCSQ: "LTE",rssi,rsrp,sinr,rsrq`; SINR in fifths of a dB above -20. GSM has the RSSI alone, WCDMA RSCP and Ec/Io. */
function qcsq(lines: readonly string[]): Signal | null {
  const [fields] = fieldsOf(lines, '+QCSQ');
  const mode = fields?.[0]?.text;
  if (!fields || mode === undefined) return null;
  if (mode === 'NOSERVICE') return noSignal;
  const rssiDbm = within(numberOf(fields[1]), -140, 0);
  if (fields.length < 5) return { ...noSignal, rssiDbm };
  return {
    rssiDbm,
    rsrpDbm: within(numberOf(fields[2]), -160, -20),
    sinrDb: stepped(numberOf(fields[3]), { offset: -20, step: 0.2, max: 250 }),
    rsrqDb: within(numberOf(fields[4]), -45, 25),
  };
}

/**
 * Sierra `AT!GSTATUS?`: two labels a line, columns that move between firmwares, so every value is found by its label.
 * RxM is the main antenna; EM9191 says `PCC RxM RSRP:` where EM7455 says `RSRP (dBm):`.
 */
function gstatus(lines: readonly string[]): Signal | null {
  const text = lines.join('\n');
  if (!/System mode:/i.test(text)) return null;
  const labelled = (label: RegExp): number | null => {
    const found = label.exec(text)?.[1];
    return found === undefined ? null : Number(found);
  };
  return {
    rssiDbm: within(labelled(/PCC RxM RSSI:\s*(-?\d+(?:\.\d+)?)/i), -140, 0),
    rsrpDbm: within(labelled(/(?:PCC RxM RSRP|RSRP \(dBm\)):\s*(-?\d+(?:\.\d+)?)/i), -160, -20),
    rsrqDb: within(labelled(/RSRQ \(dB\):\s*(-?\d+(?:\.\d+)?)/i), -45, 25),
    sinrDb: within(labelled(/SINR \(dB\):\s*(-?\d+(?:\.\d+)?)/i), -30, 60),
  };
}

/** SIMCom `+CPSI: LTE,Online,…,rsrq,rsrp,rssi,rssnr`: the first three in tenths, from the end of the line. */
function cpsi(lines: readonly string[]): Signal | null {
  const [fields] = fieldsOf(lines, '+CPSI');
  const mode = fields?.[0]?.text;
  if (!fields || mode === undefined) return null;
  if (mode !== 'LTE' || fields.length < 14) return noSignal;
  const [rsrq, rsrp, rssi, rssnr] = fields.slice(10, 14).map(numberOf);
  const tenths = (value: number | null | undefined): number | null => (value === null || value === undefined ? null : value / 10);
  return {
    rssiDbm: within(tenths(rssi), -140, 0),
    rsrpDbm: within(tenths(rsrp), -160, -20),
    rsrqDb: within(tenths(rsrq), -45, 25),
    sinrDb: within(rssnr ?? null, -30, 60),
  };
}

/** Telit `#RFSTS: "plmn",earfcn,rsrp,rssi,rsrq,…` on LTE, where RSRQ is negative; elsewhere the columns differ. */
function rfsts(lines: readonly string[]): Signal | null {
  const [fields] = fieldsOf(lines, '#RFSTS');
  if (!fields) return null;
  const [rsrp, rssi, rsrq] = [numberOf(fields[2]), numberOf(fields[3]), numberOf(fields[4])];
  if (rsrp === null || rssi === null || rsrq === null || rsrq > 0) return noSignal;
  return {
    rssiDbm: within(rssi, -140, 0),
    rsrpDbm: within(rsrp, -160, -20),
    rsrqDb: within(rsrq, -45, 25),
    sinrDb: null,
  };
}

/** Huawei `^HCSQ: "LTE",rssi,rsrp,sinr,rsrq` in steps; 255 is unknown. */
function hcsq(lines: readonly string[]): Signal | null {
  const [fields] = fieldsOf(lines, '^HCSQ');
  const mode = fields?.[0]?.text;
  if (!fields || mode === undefined) return null;
  const rssiDbm = stepped(numberOf(fields[1]), { offset: -121, step: 1, max: 96 });
  if (mode !== 'LTE') return { ...noSignal, rssiDbm };
  return {
    rssiDbm,
    rsrpDbm: stepped(numberOf(fields[2]), { offset: -141, step: 1, max: 97 }),
    sinrDb: stepped(numberOf(fields[3]), { offset: -20.2, step: 0.2, max: 251 }),
    rsrqDb: stepped(numberOf(fields[4]), { offset: -20, step: 0.5, max: 34 }),
  };
}

/** One parser for each dialect; null means that the reply has not the shape of its manual. */
export const signalParsers: Readonly<Record<SignalDialect, (lines: readonly string[]) => Signal | null>> = {
  qcsq,
  gstatus,
  cpsi,
  rfsts,
  hcsq,
  cesq,
  csq,
};
