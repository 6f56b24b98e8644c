import { describe, expect, it } from 'vitest';
import { simSlotParsers } from './sim-slot-replies.ts';

describe('the slot whose SIM is in use', () => {
  it.each([
    // Composed from the vendors' AT command manuals.
    ['quimslot', '+QUIMSLOT: 1', 1],
    ['quimslot', '+QUIMSLOT: 2', 2],
    ['quimslot', '+QUIMSLOT: (1,2)', null],
    ['uims', '!UIMS: 0', 1],
    ['uims', '!UIMS: 1', 2],
    ['uims', '!UIMS: 2', null],
    ['uims', '+QUIMSLOT: 1', null],
  ] as const)('by %s %s is %j', (dialect, line, slot) => {
    expect(simSlotParsers[dialect]([line])).toBe(slot);
  });
});
