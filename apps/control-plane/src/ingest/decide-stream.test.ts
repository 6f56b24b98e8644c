import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decideStream, maxAhead, newStream, type StreamProgress } from './decide-stream.ts';

/** A device's reports in any order, with repeats; `base` is what the device gave up below, never above the sequence. */
const arrivals = fc.array(
  fc.record({ sequence: fc.integer({ min: 1, max: 40 }), back: fc.integer({ min: 0, max: 40 }) }).map(({ sequence, back }) => ({
    sequence,
    base: Math.max(1, sequence - back),
  })),
  { maxLength: 120 },
);

function play(reports: readonly { sequence: number; base: number }[]) {
  let progress: StreamProgress = newStream;
  const committed: number[] = [];
  let givenUpBelow = 1;
  for (const report of reports) {
    const next = decideStream(progress, report);
    if (next.verdict === 'fresh') committed.push(report.sequence);
    givenUpBelow = Math.max(givenUpBelow, report.base);
    progress = next.progress;
  }
  return { progress, committed, givenUpBelow };
}

test('whatever the order, each sequence is committed at most once', () => {
  fc.assert(
    fc.property(arrivals, (reports) => {
      const { committed } = play(reports);
      expect(new Set(committed).size).toBe(committed.length);
    }),
  );
});

test('everything up to the acknowledged sequence is committed or was given up by the device', () => {
  fc.assert(
    fc.property(arrivals, (reports) => {
      const { progress, committed, givenUpBelow } = play(reports);
      for (let sequence = 1; sequence <= progress.through; sequence += 1) {
        expect(committed.includes(sequence) || sequence < givenUpBelow).toBe(true);
      }
    }),
  );
});

test('every report is committed, or lies below a base that came before it', () => {
  fc.assert(
    fc.property(arrivals, (reports) => {
      let below = 1;
      const owed = new Set<number>();
      for (const { sequence, base } of reports) {
        below = Math.max(below, base);
        if (sequence >= below) owed.add(sequence);
      }
      const { committed } = play(reports);
      for (const sequence of owed) expect(committed).toContain(sequence);
    }),
  );
});

test('with nothing missing, nothing is remembered beyond the last sequence', () => {
  fc.assert(
    fc.property(fc.shuffledSubarray([1, 2, 3, 4, 5, 6, 7, 8, 9], { minLength: 9 }), (order) => {
      const { progress } = play(order.map((sequence) => ({ sequence, base: 1 })));
      expect(progress).toEqual({ through: 9, ahead: [] });
    }),
  );
});

test('a device that gave up a gap is acknowledged past it', () => {
  const after = decideStream({ through: 3, ahead: [6, 7] }, { sequence: 8, base: 6 });
  expect(after).toEqual({ verdict: 'fresh', progress: { through: 8, ahead: [] } });
});

test('a gap that is never filled does not grow without bound', () => {
  let progress: StreamProgress = newStream;
  for (let sequence = 2; sequence < maxAhead + 2; sequence += 1) progress = decideStream(progress, { sequence, base: 1 }).progress;
  expect(decideStream(progress, { sequence: maxAhead + 2, base: 1 }).verdict).toBe('too-far-ahead');
  expect(decideStream(progress, { sequence: 1, base: 1 }).progress).toEqual({ through: maxAhead + 1, ahead: [] });
});
