import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LossCount, ReportBody } from './report.ts';
import {
  nextTickMs,
  openStream,
  type ReportStream,
  reservationSize,
  type StreamEffect,
  type StreamEvent,
  stepStream,
} from './report-stream.ts';

const state: ReportBody = { channel: 'state', body: { held: { target: null }, target: null, uptimeS: 1, modems: [] } };
const sample: ReportBody = { channel: 'telemetry', body: { modem: 'm1', at: [1] } };
const event = (severity: 'info' | 'error'): ReportBody => ({
  channel: 'event',
  body: { events: [{ at: 1, code: 'apn.unknown', severity, modem: null, evidence: [] }] },
});

const fresh = () => openStream({ epoch: 'aaaaaaaa', reservedThrough: 0, kept: [], lost: {} });

interface Run {
  stream: ReportStream;
  readonly effects: StreamEffect[];
}

function play(run: Run, happening: StreamEvent, nowMs = 0): readonly StreamEffect[] {
  const [stream, effects] = stepStream(run.stream, happening, { nowMs });
  run.stream = stream;
  run.effects.push(...effects);
  return effects;
}

const start = (): Run => ({ stream: fresh(), effects: [] });
const sendsIn = (effects: readonly StreamEffect[]) => effects.flatMap((effect) => (effect.kind === 'send' ? [effect] : []));
const ack = (through: number): StreamEvent => ({ kind: 'acknowledged', ack: { epoch: 'aaaaaaaa', through } });
/** How many reports it was offered as. */
const offers = (report: ReportBody) => (report.channel === 'event' ? report.body.events.length : 1);
const offersOf = (reports: readonly ReportBody[]) => reports.reduce((sum, report) => sum + offers(report), 0);
const total = (lost: LossCount) => Object.values(lost).reduce<number>((sum, count) => sum + (count ?? 0), 0);

describe('the report stream', () => {
  it('keeps at most four reports on their way', () => {
    const run = start();
    play(run, { kind: 'connected' });
    for (let count = 0; count < 10; count += 1) play(run, { kind: 'offered', report: sample });
    expect(sendsIn(run.effects).map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4]);
    play(run, ack(2));
    expect(sendsIn(run.effects).map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('lets the newest state replace one that waits unsent', () => {
    const run = start();
    for (let count = 0; count < 5; count += 1) play(run, { kind: 'offered', report: state });
    play(run, { kind: 'connected' });
    expect(sendsIn(run.effects)).toHaveLength(1);
  });

  it('saves an event before it sends it, and a reservation before the first number of it', () => {
    const run = start();
    play(run, { kind: 'connected' });
    expect(play(run, { kind: 'offered', report: event('error') }).map(({ kind }) => kind)).toEqual(['save', 'send']);
    expect(run.stream.reservedThrough).toBe(reservationSize);
    expect(play(run, { kind: 'offered', report: sample }).map(({ kind }) => kind)).toEqual(['send']);
  });

  it('sends events that need no flash together, a moment later or with whatever else goes', () => {
    const run = start();
    play(run, { kind: 'connected' });
    for (let count = 0; count < 3; count += 1) expect(play(run, { kind: 'offered', report: event('info') }, 100 * count)).toEqual([]);
    expect(nextTickMs(run.stream)).toBe(5_000);
    const [three, ...others] = sendsIn(play(run, { kind: 'tick' }, 5_000));
    expect(three?.report).toMatchObject({ channel: 'event', body: { events: [{}, {}, {}] } });
    expect(others).toEqual([]);
    play(run, { kind: 'offered', report: event('info') }, 6_000);
    const both = sendsIn(play(run, { kind: 'offered', report: state }, 6_100));
    expect(both.map(({ report }) => report.channel)).toEqual(['event', 'state']);
  });

  it('puts so many events into one report and no more, and never waits longer for them', () => {
    const run = start();
    play(run, { kind: 'connected' });
    for (let count = 0; count < 20; count += 1) play(run, { kind: 'offered', report: event('info') }, 50 * count);
    const sends = sendsIn(play(run, { kind: 'tick' }, 5_000));
    expect(sends.map(({ report }) => report.channel === 'event' && report.body.events.length)).toEqual([8, 8, 4]);
  });

  it('never gives out a number again after a restart, and keeps that of a kept report', () => {
    const run = start();
    play(run, { kind: 'offered', report: event('error') });
    play(run, { kind: 'connected' });
    play(run, { kind: 'offered', report: sample });
    const saved = run.effects.flatMap((effect) => (effect.kind === 'save' ? [effect.record] : [])).at(-1);
    const again: Run = { stream: openStream(saved ?? fresh()), effects: [] };
    play(again, { kind: 'connected' });
    play(again, { kind: 'offered', report: sample });
    expect(sendsIn(again.effects).map(({ sequence, base }) => [sequence, base])).toEqual([
      [1, 1],
      [reservationSize + 1, 1],
    ]);
  });

  it('gives a report up that is refused again and again, and tells of it', () => {
    const run = start();
    play(run, { kind: 'connected' });
    play(run, { kind: 'offered', report: sample });
    const refusal: StreamEvent = {
      kind: 'acknowledged',
      ack: { epoch: 'aaaaaaaa', through: 0, faults: [{ sequence: 1, code: 'report.invalid', reason: '' }] },
    };
    for (let count = 0; count < 5; count += 1) play(run, refusal);
    expect(run.stream.numbered).toEqual([]);
    expect(run.effects.at(-1)).toEqual({ kind: 'tell-losses', lost: { telemetry: 1 } });
  });

  it('believes no acknowledgement of another stream, nor of what it never sent', () => {
    const run = start();
    play(run, { kind: 'connected' });
    play(run, { kind: 'offered', report: sample });
    play(run, { kind: 'acknowledged', ack: { epoch: 'bbbbbbbb', through: 9 } });
    expect(run.stream.numbered).toHaveLength(1);
    play(run, ack(900));
    play(run, { kind: 'offered', report: sample });
    expect(sendsIn(run.effects).at(-1)?.sequence).toBe(2);
  });

  const happenings = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.constantFrom(sample, event('info'), event('error')).map((report) => ({ kind: 'offered', report }) as const),
    },
    { weight: 2, arbitrary: fc.nat(300).map((back) => ({ kind: 'ack', back }) as const) },
    { weight: 1, arbitrary: fc.constantFrom({ kind: 'connected' } as const, { kind: 'disconnected' } as const, { kind: 'tick' } as const) },
  );

  it('loses nothing without counting it, sends nothing that was acknowledged, and stays bounded: whatever happens in whatever order', () => {
    fc.assert(
      fc.property(fc.array(happenings, { maxLength: 800 }), (script) => {
        const run = start();
        let offered = 0;
        let acknowledged = 0;
        let through = 0;
        let nowMs = 0;
        for (const happening of script) {
          nowMs += happening.kind === 'offered' ? 200 : 45_000;
          const before = run.stream;
          if (happening.kind === 'offered') offered += 1;
          if (happening.kind === 'ack') {
            const reached = Math.max(through, before.sequence - happening.back);
            acknowledged += offersOf(before.numbered.filter(({ sequence }) => sequence <= reached).map(({ report }) => report));
            through = reached;
          }
          const effects = play(run, happening.kind === 'ack' ? ack(through) : happening, nowMs);
          for (const { sequence } of sendsIn(effects)) expect(sequence).toBeGreaterThan(through);
          expect(run.stream.flights.length).toBeLessThanOrEqual(4);
          expect(run.stream.numbered.length).toBeLessThanOrEqual(128 + 4);
          expect(run.stream.unnumbered.length).toBeLessThanOrEqual(192);
        }
        const told = run.effects.flatMap((effect) => (effect.kind === 'tell-losses' ? [total(effect.lost)] : []));
        const lost = total(run.stream.lost) + told.reduce((sum, count) => sum + count, 0);
        const held = [...run.stream.numbered.map(({ report }) => report), ...run.stream.unnumbered];
        expect(offersOf(held) + acknowledged + lost).toBe(offered);
      }),
      { numRuns: 60 },
    );
  });
});
