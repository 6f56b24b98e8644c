import { describe, expect, it } from 'vitest';
import { deadRuns, nameOfRun } from './dead-runs.ts';

describe('what runs of the lab leave behind', () => {
  it('is theirs while the process lives that they began with, and nothing else is touched', () => {
    const names = [`${nameOfRun(41)}aB3xYz`, `${nameOfRun(42)}QQQQQQ.cjs`, 'towline-lab-shared', 'towline-other', 'systemd-private-42'];
    expect(deadRuns(names, (pid) => pid === 41)).toEqual([`${nameOfRun(42)}QQQQQQ.cjs`]);
    expect(deadRuns(names, () => true)).toEqual([]);
  });
});
