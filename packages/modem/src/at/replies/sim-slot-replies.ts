import type { SimSlot, SimSlotDialect } from '../../models/sim-slots.schema.ts';
import { fieldsOf, textOf } from './fields.ts';

type Parse = (lines: readonly string[]) => SimSlot | null;

const parser =
  (command: string, slots: Readonly<Record<string, SimSlot>>): Parse =>
  (lines) =>
    slots[textOf(fieldsOf(lines, command)[0]?.[0]) ?? ''] ?? null;

/** `+QUIMSLOT: 1` and `!UIMS: 0`: the slot whose SIM is in use. */
export const simSlotParsers: Readonly<Record<SimSlotDialect, Parse>> = {
  quimslot: parser('+QUIMSLOT', { '1': 1, '2': 2 }),
  uims: parser('!UIMS', { '0': 1, '1': 2 }),
};
