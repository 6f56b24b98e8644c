import type { JobDown } from '@towline/protocol';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Jobs, type JobsEffect, type JobsEvent, noJobs, stepJobs } from './jobs.ts';

const idOf = (digit: number) => `00000000-0000-4000-8000-${String(digit).padStart(12, '0')}`;
const resetJob = (digit: number, ttlS = 60): JobDown => ({ action: 'start', id: idOf(digit), ttlS, order: { kind: 'reset-modem' } });

class Player {
  jobs: Jobs = noJobs;
  readonly effects: JobsEffect[] = [];

  play(event: JobsEvent): readonly JobsEffect[] {
    const [jobs, effects] = stepJobs(this.jobs, event);
    this.jobs = jobs;
    this.effects.push(...effects);
    return effects;
  }

  arrive(job: JobDown, nowMs = 0) {
    return this.play({ kind: 'arrived', job, nowMs, modems: ['m1'] });
  }

  states(digit: number): string[] {
    return this.effects.flatMap((effect) => (effect.kind === 'report' && effect.job.id === idOf(digit) ? [effect.job.state] : []));
  }
}

const succeeded = (digit: number): JobsEvent => ({
  kind: 'ended',
  ending: { id: idOf(digit), state: 'succeeded', fault: null, result: null },
});

describe('the jobs of a device', () => {
  it('run one after the other', () => {
    const player = new Player();
    player.arrive(resetJob(1));
    player.arrive(resetJob(2));
    player.play({ kind: 'turn', nowMs: 0, boot: 'b' });
    expect(player.play({ kind: 'turn', nowMs: 0, boot: 'b' })).toEqual([]);
    player.play(succeeded(1));
    player.play({ kind: 'turn', nowMs: 0, boot: 'b' });
    expect(player.states(1)).toEqual(['accepted', 'running', 'succeeded']);
    expect(player.states(2)).toEqual(['accepted', 'running']);
  });

  it('are on flash before one is begun that reboots', () => {
    const player = new Player();
    player.arrive(resetJob(1));
    const kinds = player.play({ kind: 'turn', nowMs: 0, boot: 'b' }).map(({ kind }) => kind);
    expect(kinds).toEqual(['save', 'report', 'start']);
  });

  it('are not begun again by the next process: they count as interrupted', () => {
    const player = new Player();
    player.jobs = { ...noJobs, running: { id: idOf(1), order: { kind: 'reset-modem' } } };
    player.play({ kind: 'resumed', boot: 'b' });
    player.arrive(resetJob(1));
    player.play({ kind: 'turn', nowMs: 0, boot: 'b' });
    expect(player.states(1)).toEqual(['failed', 'failed']);
    expect(player.effects.some(({ kind }) => kind === 'start')).toBe(false);
  });

  it('that have ended and are ordered again are not done again: their end is repeated, and said to be', () => {
    const player = new Player();
    player.arrive(resetJob(1));
    player.play({ kind: 'turn', nowMs: 0, boot: 'b' });
    player.play(succeeded(1));
    const said = player.arrive(resetJob(1));
    expect(said).toMatchObject([{ kind: 'report', job: { id: idOf(1), state: 'succeeded', progress: 100, repeated: true } }]);
  });

  it('expire when their turn comes too late', () => {
    const player = new Player();
    player.arrive(resetJob(1, 10));
    player.play({ kind: 'turn', nowMs: 10_001, boot: 'b' });
    expect(player.states(1)).toEqual(['accepted', 'expired']);
  });

  it('can be taken back while they wait', () => {
    const player = new Player();
    player.arrive(resetJob(1));
    player.arrive({ action: 'cancel', id: idOf(1) });
    player.play({ kind: 'turn', nowMs: 0, boot: 'b' });
    expect(player.states(1)).toEqual(['accepted', 'cancelled']);
  });

  it('are refused for a modem that is not there, and beyond the bound of the queue', () => {
    const player = new Player();
    player.arrive({ action: 'start', id: idOf(99), ttlS: 60, order: { kind: 'dial', modem: 'm7' } });
    for (let digit = 1; digit <= 17; digit += 1) player.arrive(resetJob(digit));
    expect(player.states(99)).toEqual(['rejected']);
    expect(player.states(17)).toEqual(['rejected']);
  });

  it('start once each and end once each, in whatever order orders, cancels, turns and ends come', () => {
    const events = fc.oneof(
      fc.nat(6).map((digit) => ({ kind: 'arrived', job: resetJob(digit, 3_600), nowMs: 0, modems: ['m1'] }) as const),
      fc.nat(6).map((digit) => ({ kind: 'arrived', job: { action: 'cancel', id: idOf(digit) }, nowMs: 0, modems: ['m1'] }) as const),
      fc.constant({ kind: 'turn', nowMs: 0, boot: 'b' } as const),
      fc.nat(6).map(succeeded),
    );
    fc.assert(
      fc.property(fc.array(events, { maxLength: 120 }), (script) => {
        const player = new Player();
        for (const event of script) player.play(event);
        const starts = player.effects.flatMap((effect) => (effect.kind === 'start' ? [effect.id] : []));
        expect(new Set(starts).size).toBe(starts.length);
        const endings = player.jobs.ended.map(({ id }) => id);
        expect(new Set(endings).size).toBe(endings.length);
        expect(player.jobs.ended.length).toBeLessThanOrEqual(64);
      }),
    );
  });
});
