import { describe, expect, it } from 'vitest';
import { stories } from '../stories/index.ts';
import { fieldGuide } from './field-guide.ts';
import { reportOperations } from './report-operations.ts';

describe('the field guide', () => {
  it('has a place for every operation of the reports, and a story or a reason', () => {
    const text = fieldGuide(stories, {});
    for (const { number } of reportOperations) expect(text).toContain(`| ${number} |`);
    expect(text).not.toContain('no story yet');
  });

  it('names no operation that does not exist', () => {
    const known = reportOperations.map(({ number }) => number);
    for (const { proves } of stories) expect(known).toEqual(expect.arrayContaining([...proves]));
  });

  it('tells the last result of a story', () => {
    const text = fieldGuide(stories, { 'at-bg96': { outcome: 'passed', seconds: 2.1, day: '2026-11-21', kernel: '6.1' } });
    expect(text).toContain('`at-bg96`: passed, 2.1 s, 2026-11-21');
  });
});
