import type { TrialName } from '../campaign/trial-name.ts';

/** A trial that stranded a gateway once, and what was wrong. */
export interface Regression extends TrialName {
  readonly why: string;
}

/** What was found and mended; every test run looks that it stays so. Each was seen to go wrong again with its mend taken away. */
export const regressions: readonly Regression[] = [
  {
    why: 'a change given up without a verdict just after the session was welcomed waited for hours for the next welcome',
    story: 'apn-over-qmi',
    seed: 1,
    faults: [{ at: 'connect of the change #1', fault: 'control-plane-down' }],
  },
  {
    why: 'a state that had been sent again came in after the newer one, and the record said "under way" until the next beat',
    story: 'apn-refused-over-qmi',
    seed: 1,
    faults: [{ at: 'at AT+CGDCONT=1,"IP","fleet.other" #1', fault: 'messages-astray' }],
  },
  {
    why: 'killed between the write of the context and the radio going off, the agent took the old attach for another APN given, for ever',
    story: 'qmi-to-mbim',
    seed: 1,
    faults: [
      { at: 'at AT+CPIN? #1', fault: 'sim-swapped' },
      { at: 'at AT+QICSGP=1,1,"fleet.spare","","",0 #1', fault: 'agent-killed' },
    ],
  },
  {
    why: 'without a journal a known good that was shut was dialled for ever, beside a target that works',
    story: 'apn',
    seed: 1,
    faults: [
      { at: 'disk overwrite journal.1 #1', fault: 'disk-error' },
      { at: 'disk overwrite journal.1 #1', fault: 'known-good-shut' },
      { at: 'at AT+CPIN? #2', fault: 'modem-restarts' },
    ],
  },
  {
    why: 'a SIM put in on the way back from an empty slot was dialled as the one before, and is what the gateway comes back to',
    story: 'sim-slot-empty',
    seed: 1,
    faults: [
      { at: 'at AT+CIMI #4', fault: 'sim-swapped' },
      { at: 'disk overwrite journal.1 #2', fault: 'reboot' },
    ],
  },
  {
    why: 'a SIM put in just before the target came had no way back yet, and its change went on to an empty slot, again and again',
    story: 'sim-slot-empty',
    seed: 5,
    faults: [{ at: 'publish held #1', fault: 'sim-swapped' }],
  },
  {
    why: 'a SIM that was barred once the change was over was searched with for ever, beside one that works',
    story: 'sim-slot',
    seed: 1,
    faults: [{ at: 'publish hello #1', fault: 'sim-barred' }],
  },
];
