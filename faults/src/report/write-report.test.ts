import { describe, expect, it } from 'vitest';
import { withReport } from './write-report.ts';

describe('the page of fault injection', () => {
  it('keeps what the lab wrote when the campaign writes its part anew', () => {
    expect(withReport('# Old\n\n## In the lab\n\nseen\n', '# New\n')).toBe('# New\n\n## In the lab\n\nseen\n');
  });

  it('is the report alone before the lab has written anything', () => {
    expect(withReport('# Old\n', '# New\n')).toBe('# New\n');
  });
});
