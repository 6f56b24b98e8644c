/** What a benchmark found. `ratio` is measured within the one run; `limit` is what it has to meet. */
export interface Figures {
  readonly [name: string]: number | boolean | string;
  readonly met: boolean;
}

/** Rounded so that a figure reads well and no digit pretends to be known. */
export const rounded = (value: number, digits = 2): number => Math.round(value * 10 ** digits) / 10 ** digits;

export type Benchmark = (say: (line: string) => void) => Promise<Figures>;
