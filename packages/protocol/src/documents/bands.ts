import * as z from 'zod/mini';

/** Technologies whose bands are numbered by TS 36.101 table 5.5-1 (all but `nr`) and TS 38.101-1 table 5.2-1 (`nr`). */
const technologies = ['lte', 'lte-m', 'nb-iot', 'nr'] as const;

const bandNumbers = z.array(z.int().check(z.minimum(1), z.maximum(261))).check(
  z.minLength(1, 'name at least one band, or leave the technology out'),
  z.maxLength(64),
  z.refine((bands) => new Set(bands).size === bands.length, 'names a band twice'),
);
const optional = z.optional(bandNumbers);

/** Bands by number. What a modem may use of a technology that is left out stays as it is. */
export const bandsSchema = z
  .object({ lte: optional, 'lte-m': optional, 'nb-iot': optional, nr: optional })
  .check(z.refine((bands) => technologies.some((technology) => bands[technology]), 'name the bands of at least one technology'));
export type Bands = z.infer<typeof bandsSchema>;

/** Bands in words, in an order of their own, so that equal sets have equal words: `lte 1 3 20, nr 78`. */
export function bandsText(bands: { readonly [Technology in keyof Bands]?: readonly number[] | undefined }): string {
  const named = technologies.flatMap((technology) => {
    const numbers = bands[technology]?.toSorted((left, right) => left - right);
    return numbers ? [`${technology} ${numbers.join(' ')}`] : [];
  });
  return named.join(', ');
}
