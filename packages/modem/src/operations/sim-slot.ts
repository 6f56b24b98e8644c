import { sleep } from '@towline/kit';
import { type AtCommand, atCommand, atSet } from '../at/at-command.ts';
import { simSlotParsers } from '../at/replies/sim-slot-replies.ts';
import type { Reading } from '../failure.ts';
import type { SimSlot, SimSlotDialect } from '../models/sim-slots.schema.ts';
import { failed, type ModemLink } from './modem-link.ts';

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

/** The card of the other slot is powered down first, which firmwares answer before it is done. */
const rereads = 5;
const rereadMs = 1_000;

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
  for (let tries = 0; tries < rereads; tries += 1) {
    const now = await readSimSlot(link);
    if (!now.ok) return now;
    if (now.value === slot) return { ok: true, value: { written: true } };
    await sleep(link.clock, rereadMs);
  }
  return failed({ code: 'at.rejected', evidence: [`wrote SIM slot ${slot}, not kept`] });
}
