import { describe, expect, it } from 'vitest';
import { labReportText, withLabSection } from './lab-report.ts';
import type { LabResult, LabTrialResult } from './trial-result.ts';

const trial = (own: Partial<LabTrialResult>): LabResult => ({
  kind: 'trial',
  seed: 1,
  trial: 0,
  modem: 'ec25',
  change: 'apn',
  fromMode: 'qmi',
  fileSystem: 'ext4',
  injected: [{ fault: 'power-cut', point: 'file change journal.0' }],
  outcome: 'gone-back',
  backS: 30,
  tookS: 60,
  ...own,
});

describe('the lab’s part of the page', () => {
  const twoFaults = [
    { fault: 'reboot', point: 'modem.step dial' },
    { fault: 'power-cut', point: 'modem.step dial' },
  ] as const;
  const text = labReportText(
    [
      { kind: 'reference', modem: 'ec25', change: 'apn', fromMode: 'qmi', points: ['modem.step dial'] },
      trial({}),
      trial({ injected: [...twoFaults], outcome: 'changed', backS: 50, fileSystem: 'f2fs' }),
      trial({ outcome: 'broken' }),
    ],
    '6.1.0',
  );

  it('counts faults and trials, and leaves out those in which the lab failed', () => {
    expect(text).toContain('**3 faults in 2 trials; 0 gateways stranded.**');
    expect(text).toContain('Trials in which the lab itself failed and which do not count: 1.');
  });

  it('has a row for each change, fault and file system', () => {
    expect(text).toContain('| ec25: another access point | 2 | 3 | 1 | 1 | 0 | 30 | 50 | 50 |');
    expect(text).toContain('| power-cut | 2 | 2 | 1 | 1 | 0 | 30 | 50 | 50 |');
    expect(text).toContain('| reboot | 1 | 1 | 1 | 0 | 0 | 50 | 50 | 50 |');
    expect(text).toContain('| f2fs | 1 | 2 | 1 | 0 | 0 | 50 | 50 | 50 |');
    expect(text).toContain('| ec200a: another data mode | 0 | 0 | 0 | 0 | 0 |  |  |  |');
  });

  it('takes the place of the one before, and leaves the campaign’s alone', () => {
    const once = withLabSection('# Fault injection\n\nthe campaign\n', '## In the lab\n\nold\n');
    expect(once).toBe('# Fault injection\n\nthe campaign\n\n## In the lab\n\nold\n');
    expect(withLabSection(once, '## In the lab\n\nnew\n')).toBe('# Fault injection\n\nthe campaign\n\n## In the lab\n\nnew\n');
  });
});
