/** A value of a benchmark's last line. */
export type Figure = number | boolean | string | { readonly [name: string]: Figure };

/** What a benchmark found. `met` tells whether every limit held; limits and what they are compared with were measured in the same run. */
export interface Figures {
  readonly [name: string]: Figure;
  readonly met: boolean;
}

/** Says a line of progress or of a table to the person who waits. */
export type Say = (line: string) => void;

/** Rounded so that a figure reads well and no digit pretends to be known. */
export const rounded = (value: number, digits = 2): number => Math.round(value * 10 ** digits) / 10 ** digits;

/** The middle one, or the mean of the middle two; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? Number.NaN) + (sorted[Math.floor(middle)] ?? Number.NaN)) / 2;
}
