import * as z from 'zod';

/** Which radio technology a modem may use: `auto`, or one alone. */
export const radioAccessSchema = z.enum(['auto', 'gsm', 'umts', 'lte', 'lte-m', 'nb-iot', 'nr']);
export type RadioAccess = z.infer<typeof radioAccessSchema>;

/** How the radio technologies that a modem may use are read and written. */
export const radioAccessDialectSchema = z.enum([
  /** `AT+QCFG="<setting>"`; written with effect at once. */
  'qcfg',
  /** RM5xx: `AT+QNWPREFCFG="<setting>"`. */
  'qnwprefcfg',
  /** Sierra: `AT!SELRAT?`; the setting has no name. */
  'selrat',
  /** SIMCom: `AT+CNMP?`; the setting has no name. */
  'cnmp',
]);
export type RadioAccessDialect = z.infer<typeof radioAccessDialectSchema>;

/** The radio technologies that a modem can be kept to. */
export const radioAccessesSchema = z.strictObject({
  dialect: radioAccessDialectSchema,
  modes: z
    .array(
      z.strictObject({
        access: radioAccessSchema,
        /** Written in this order; the modem is in this mode when all of them read so. */
        settings: z.array(z.strictObject({ name: z.string(), code: z.string().min(1) })).min(1),
      }),
    )
    .min(2),
});
