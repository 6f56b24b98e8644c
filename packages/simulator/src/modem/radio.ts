import type { Rat } from '@towline/modem';

/** Power in dBm, ratios in dB. */
export interface RadioMeasure {
  readonly rssi: number;
  readonly rsrp: number;
  readonly rsrq: number;
  readonly sinr: number;
}

export interface Cell {
  /** Tracking area and cell identity, upper case hexadecimal. */
  readonly area: string;
  readonly id: string;
  readonly physicalId: number;
  readonly channel: number;
  readonly band: number;
  readonly duplex: 'FDD' | 'TDD';
  /** In MHz. */
  readonly bandwidth: number;
}

/** A number in [0, 1) that depends on seed and index only: measurements need no state and no timer. */
function scatter(seed: number, index: number): number {
  let mixed = Math.imul((seed ^ Math.imul(index, 0x9e3779b1)) >>> 0, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  mixed ^= mixed >>> 16;
  return (mixed >>> 0) / 0x1_0000_0000;
}

/** A value between -1 and 1 that changes smoothly, a new support point each `periodMs`. */
function drift(seed: number, nowMs: number, periodMs: number): number {
  const position = nowMs / periodMs;
  const index = Math.floor(position);
  const share = position - index;
  return 2 * (scatter(seed, index) * (1 - share) + scatter(seed, index + 1) * share) - 1;
}

/** What a modem measures now. `meanRsrp` is where its antenna stands; the rest drifts by the seed around it. */
export function measureRadio(seed: number, meanRsrp: number, nowMs: number): RadioMeasure {
  const rsrp = Math.round(meanRsrp + 4 * drift(seed, nowMs, 60_000) + 2 * drift(seed + 1, nowMs, 5_000));
  const quality = Math.max(0, Math.min(1, (rsrp + 120) / 45));
  return {
    rsrp,
    rssi: Math.max(-112, rsrp + 29 + Math.round(2 * drift(seed + 2, nowMs, 20_000))),
    rsrq: Math.round(-19 + 11 * quality + drift(seed + 3, nowMs, 20_000)),
    sinr: Math.round(-8 + 30 * quality + 2 * drift(seed + 4, nowMs, 10_000)),
  };
}

/** Degrees Celsius of the module. */
export function measureTemperature(seed: number, nowMs: number): number {
  return Math.round(38 + 6 * drift(seed + 5, nowMs, 600_000));
}

/** Band, channel and width that a technology is simulated on. */
const carriers = {
  gsm: { channel: 62, band: 900, duplex: 'FDD', bandwidth: 0.2 },
  umts: { channel: 10_700, band: 1, duplex: 'FDD', bandwidth: 5 },
  lte: { channel: 1802, band: 3, duplex: 'FDD', bandwidth: 20 },
  'lte-m': { channel: 6200, band: 20, duplex: 'FDD', bandwidth: 5 },
  'nb-iot': { channel: 6254, band: 20, duplex: 'FDD', bandwidth: 0.2 },
  'nr-nsa': { channel: 1300, band: 3, duplex: 'FDD', bandwidth: 20 },
  'nr-sa': { channel: 633_984, band: 78, duplex: 'TDD', bandwidth: 100 },
} as const;

/** The cell that a modem is on: the same seed is always on the same one. */
export function cellOf(seed: number, rat: Rat): Cell {
  const hex = (index: number, digits: number): string =>
    Math.floor(scatter(seed, index) * 16 ** digits)
      .toString(16)
      .toUpperCase()
      .padStart(digits, '0');
  return { area: hex(101, 4), id: hex(102, 7), physicalId: Math.floor(scatter(seed, 103) * 504), ...carriers[rat] };
}
