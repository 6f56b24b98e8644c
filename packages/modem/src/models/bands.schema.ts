import * as z from 'zod';

/** Technologies whose bands are numbered by TS 36.101 table 5.5-1 (all but `nr`) and TS 38.101-1 table 5.2-1 (`nr`). */
export const bandTechnologySchema = z.enum(['lte', 'lte-m', 'nb-iot', 'nr']);
export type BandTechnology = z.infer<typeof bandTechnologySchema>;

/** Band numbers by technology; of a technology that is left out nothing is said. */
export type Bands = { readonly [Technology in BandTechnology]?: readonly number[] | undefined };

/** How the bands that a modem may use are read and written. */
export const bandsDialectSchema = z.enum([
  /** `AT+QCFG="band"`, masks; written with effect at once. A setting is the place of its mask, from 1; a mask of 0 leaves that one alone. */
  'qcfg',
  /** The same without the argument that says when (EC200 series). */
  'qcfg-plain',
  /** RM5xx: `AT+QNWPREFCFG="<setting>"`, numbers with colons between. */
  'qnwprefcfg',
  /** Sierra: `AT!BAND?`, masks. A setting is the place of its column, from 1; written as a set of its own and selected. */
  'band',
]);
export type BandsDialect = z.infer<typeof bandsDialectSchema>;

/** The bands that a modem can be kept to. */
export const modelBandsSchema = z.strictObject({
  dialect: bandsDialectSchema,
  technologies: z
    .array(
      z.strictObject({
        technology: bandTechnologySchema,
        /** What the dialect calls it. */
        setting: z.string().min(1),
        /** Of all variants of the model: what one of them lacks, it refuses itself. Others that it is found with are left as they are. */
        supported: z.array(z.int().min(1).max(261)).min(1),
      }),
    )
    .min(1),
});
export type ModelBands = z.infer<typeof modelBandsSchema>;
