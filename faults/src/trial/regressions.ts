import type { TrialName } from '../campaign/trial-name.ts';

/** A trial that stranded a gateway once, and what was wrong. */
export interface Regression extends TrialName {
  readonly why: string;
}

/** What was found and mended; every test run looks that it stays so. */
export const regressions: readonly Regression[] = [
  {
    why: 'a change given up without a verdict just after the session was welcomed waited for hours for the next welcome',
    story: 'apn-over-qmi',
    seed: 1,
    faults: [{ at: 37, fault: 'control-plane-down' }],
  },
  {
    why: 'a state that had been sent again came in after the newer one, and the record said "under way" until the next beat',
    story: 'apn-refused-over-qmi',
    seed: 522160,
    faults: [
      { at: 58, fault: 'messages-astray' },
      { at: 88, fault: 'agent-killed' },
      { at: 130, fault: 'power-cut' },
    ],
  },
  {
    why: 'the same, with another SIM',
    story: 'apn-without-way',
    seed: 404221,
    faults: [
      { at: 1162, fault: 'messages-astray' },
      { at: 1186, fault: 'sim-swapped' },
      { at: 1228, fault: 'power-cut' },
    ],
  },
  {
    why: 'killed between the write of the context and the radio going off, the agent took the old attach for another APN given, for ever',
    story: 'qmi-to-mbim',
    seed: 253751,
    faults: [
      { at: 210, fault: 'modem-removed' },
      { at: 267, fault: 'confirm-lost' },
      { at: 279, fault: 'sim-swapped' },
      { at: 328, fault: 'agent-killed' },
      { at: 371, fault: 'modem-silent' },
    ],
  },
  {
    why: 'without a journal a known good that was shut was dialled for ever, beside a target that works',
    story: 'sim-slot',
    seed: 448114,
    faults: [
      { at: 2, fault: 'disk-error' },
      { at: 40, fault: 'modem-removed' },
      { at: 78, fault: 'known-good-shut' },
    ],
  },
  {
    why: 'a SIM put in on the way back from an empty slot was dialled as the one before, and is what the gateway comes back to',
    story: 'sim-slot-empty',
    seed: 564940,
    faults: [
      { at: 220, fault: 'sim-swapped' },
      { at: 261, fault: 'reboot' },
    ],
  },
  {
    why: 'a SIM that was barred once the change was over was searched with for ever, beside one that works',
    story: 'sim-slot',
    seed: 5,
    faults: [{ at: 280, fault: 'sim-barred' }],
  },
];
