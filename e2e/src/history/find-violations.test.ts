import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findViolations } from './find-violations.ts';
import type { History, StoredRow } from './history.ts';

const stream = { device: 'd000000001', epoch: 'e0000001' };
const sent = (sequence: number, rows = 1) => ({ ...stream, sequence, rows });
const row = (sequence: number, index = 0) => ({ ...stream, sequence, index });
const ack = (through: number) => ({ ...stream, through });
const codes = (history: History, stored: StoredRow[]) => findViolations(history, stored).map(({ code, sequence }) => `${code} ${sequence}`);

describe('a history in which every report was acknowledged and is stored once', () => {
  it('has no violation, whatever the order of acks and rows', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 4 }), fc.infiniteStream(fc.nat()), (count, rows, draws) => {
        const shuffled = <Item>(items: Item[]) =>
          items
            .map((item) => ({ item, at: draws.next().value ?? 0 }))
            .sort((a, b) => a.at - b.at)
            .map(({ item }) => item);
        const sequences = Array.from({ length: count }, (_, index) => index + 1);
        const history = { sent: shuffled(sequences.map((one) => sent(one, rows))), acks: shuffled([...sequences, ...sequences].map(ack)) };
        const stored = shuffled(sequences.flatMap((one) => Array.from({ length: rows }, (_, index) => row(one, index))));
        expect(findViolations(history, stored)).toEqual([]);
      }),
    );
  });
});

describe('a broken history is told', () => {
  const history = { sent: [sent(1), sent(2, 2), sent(3)], acks: [ack(1), ack(3)] };
  const whole = [row(1), row(2, 0), row(2, 1), row(3)];

  it('when an acknowledged report is not stored', () => {
    expect(codes(history, whole.slice(1))).toEqual(['acknowledged-lost 1']);
  });

  it('when only some rows of an acknowledged report are stored', () => {
    expect(codes(history, [row(1), row(2, 0), row(3)])).toEqual(['acknowledged-lost 2']);
  });

  it('when a row is stored twice', () => {
    expect(codes(history, [...whole, row(2, 1)])).toEqual(['doubled 2']);
  });

  it('when a report was never acknowledged, stored or not', () => {
    expect(codes({ ...history, acks: [ack(2)] }, whole)).toEqual(['never-acknowledged 3']);
  });

  it('when something is stored that no device sent', () => {
    expect(codes(history, [...whole, row(9)])).toEqual(['invented 9']);
    expect(codes(history, [...whole, { ...row(1), device: 'd000000002' }])).toEqual(['invented 1']);
  });

  it('when more is acknowledged than was sent', () => {
    expect(codes({ ...history, acks: [ack(4)] }, whole)).toEqual(['acknowledged-early 4']);
  });

  it('whichever stored row is taken away', () => {
    for (const missing of whole)
      expect(
        findViolations(
          history,
          whole.filter((one) => one !== missing),
        ),
      ).toHaveLength(1);
  });
});
