import { describe, expect, it } from 'vitest';
import { freshMemory, type Looked, type ModemMemory, rememberLook } from './memory.ts';
import { type ObservedModem, unseenModem } from './observed.ts';

const bearer = { apn: 'fleet.north', addresses: ['10.0.0.2'], dns: [], settings: null };
const up: ObservedModem = { ...unseenModem('m1'), answering: true, bearer: { ...bearer, active: true } };
const down: ObservedModem = { ...up, bearer: { ...bearer, active: false } };

function looked(memory: ModemMemory, observed: ObservedModem, atS: number, over: Partial<Looked> = {}): ModemMemory {
  const verified = observed.bearer?.active ?? false;
  return rememberLook(memory, observed, { nowMs: atS * 1_000, verified, dropped: null, draw: 0, ...over });
}

describe('a bearer that ends by itself', () => {
  it('is dialled at once when it held for a while, and told of', () => {
    const held = [0, 30, 70].reduce((memory, atS) => looked(memory, up, atS), freshMemory);
    expect(looked(held, down, 80).trouble).toEqual({ code: 'bearer.no-carrier', evidence: [], count: 1, notBeforeMs: 80_000 });
  });

  it('counts as a failed dial when it ends soon after each, with more patience every time', () => {
    let memory = freshMemory;
    const waits: number[] = [];
    for (let turn = 0; turn < 4; turn += 1) {
      memory = looked(looked(memory, up, turn * 100), down, turn * 100 + 8);
      waits.push((memory.trouble?.notBeforeMs ?? 0) / 1_000 - turn * 100 - 8);
    }
    expect(waits).toEqual([5, 10, 20, 40]);
    expect(memory.trouble).toMatchObject({ code: 'bearer.no-carrier', count: 4 });
  });

  it('ends in the code that was told', () => {
    const dropped = { code: 'ppp.peer-dead', evidence: ['pppd ended with 15'] } as const;
    expect(looked(looked(freshMemory, up, 0), down, 10, { dropped }).trouble).toMatchObject(dropped);
  });

  it('is no trouble when we took it down, or when nothing is known of it', () => {
    expect(looked({ ...looked(freshMemory, up, 0), connectedSinceMs: null }, down, 10).trouble).toBeNull();
    expect(looked(looked(freshMemory, up, 0), { ...up, bearer: null }, 10).trouble).toBeNull();
  });
});

describe('a trouble', () => {
  it('is forgotten once the link held for a minute', () => {
    const troubled = looked(looked(freshMemory, up, 0), down, 8);
    expect(looked(looked(troubled, up, 20), up, 60).trouble).not.toBeNull();
    expect(looked(looked(troubled, up, 20), up, 80).trouble).toBeNull();
  });
});
