import { type AtCommand, atCommand, atSet } from '../at/at-command.ts';
import { simSlotParsers } from '../at/replies/sim-slot-replies.ts';
import type { Reading } from '../failure.ts';
import type { SimSlot, SimSlotDialect } from '../models/sim-slots.schema.ts';
import { failed, type ModemLink } from './modem-link.ts';
import { untilShown } from './until-shown.ts';

const questions: Readonly<Record<SimSlotDialect, AtCommand>> = { quimslot: atCommand('AT+QUIMSLOT?'), uims: atCommand('AT!UIMS?') };

const writers: Readonly<Record<SimSlotDialect, (slot: SimSlot) => Reading<AtCommand>>> = {
  quimslot: (slot) => atSet('+QUIMSLOT', { kind: 'number', value: slot, min: 1, max: 2 }),
  uims: (slot) => atSet('!UIMS', { kind: 'number', value: slot - 1, min: 0, max: 1 }),
};

/** The slot whose SIM is in use; null: its model has one alone. */
export async function readSimSlot(link: ModemLink): Promise<Reading<SimSlot | null>> {
  const { simSlots } = link.model;
  if (!simSlots) return { ok: true, value: null };
  return link.read({ command: questions[simSlots.dialect], parse: simSlotParsers[simSlots.dialect] });
}

/**
 * Reads, compares, and writes only what differs; then reads until the modem shows it. It leaves the network, and its SIM is another one.
 * `value.refused` where the model has one slot, `at.rejected` where the modem took it and shows the other.
 */
export async function writeSimSlot(link: ModemLink, slot: SimSlot): Promise<Reading<{ readonly written: boolean }>> {
  const { simSlots, id, bounds } = link.model;
  if (!simSlots) return failed({ code: 'value.refused', evidence: [`${id} has one SIM slot`] });
  const before = await readSimSlot(link);
  if (!before.ok) return before;
  if (before.value === slot) return { ok: true, value: { written: false } };
  const written = await link.ask(writers[simSlots.dialect](slot), bounds.simReady);
  if (!written.ok) return written;
  return untilShown(link, { read: () => readSimSlot(link), isSo: (now) => now === slot, what: `SIM slot ${slot}` });
}
