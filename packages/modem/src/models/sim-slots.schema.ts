import * as z from 'zod';

/** A place for a SIM, as it is printed beside it: the first is 1. */
export const simSlotSchema = z.literal([1, 2]);
export type SimSlot = z.infer<typeof simSlotSchema>;

/** How the slot whose SIM a modem uses is read and written; it is kept over a restart. */
export const simSlotDialectSchema = z.enum([
  /** Quectel: `AT+QUIMSLOT`, 1 and 2. */
  'quimslot',
  /** Sierra: `AT!UIMS`, 0 and 1. */
  'uims',
]);
export type SimSlotDialect = z.infer<typeof simSlotDialectSchema>;

/** Of a modem with two slots. */
export const simSlotsSchema = z.strictObject({ dialect: simSlotDialectSchema });
