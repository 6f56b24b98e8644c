import { describe, expect, it } from 'vitest';
import { freshMemory, type Looked, type ModemMemory, rememberLook, rememberStep } from './memory.ts';
import { type ObservedModem, unseenModem } from './observed.ts';
import type { TroubleCode } from './reactions.ts';
import type { Step } from './step.ts';

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

const usb = { path: '1-1', vidPid: '2c7c:6005', role: 'app', product: 'EC200A', dataMode: null, unbound: [] } as const;
const plugged = (attachment: number): ObservedModem => ({
  ...down,
  usb: { ...usb, attachment, lostAtPort: null, needsNewId: false, listedAs: null },
});
const dial: Step = { kind: 'dial', contextId: 1, mode: 'ppp', apn: 'fleet.north', cutsLink: false, changesDialling: false };
const cut = (code: TroubleCode, memory: ModemMemory) =>
  rememberStep(memory, { step: dial, failure: { code, evidence: [] }, fingerprint: null, nowMs: 1_000, attachment: 7, draw: 0 });

describe('a modem that comes back with another attachment', () => {
  const seen = looked(freshMemory, plugged(7), 0);

  it('is dialled at once though its dial, cut by the pulling of the plug, left a trouble for a person', () => {
    const pulled = looked(cut('host.not-permitted', seen), unseenModem('m1'), 2);
    expect(pulled.trouble).toMatchObject({ code: 'host.not-permitted' });
    expect(looked(pulled, plugged(8), 10).trouble).toBeNull();
    expect(looked(cut('host.not-permitted', seen), plugged(8), 10).trouble).toBeNull();
  });

  it('keeps the count of what passes by itself, as one does that falls off the bus at every dial', () => {
    const pulled = looked(cut('bearer.no-carrier', seen), unseenModem('m1'), 2);
    expect(looked(pulled, plugged(8), 10).trouble).toMatchObject({ code: 'bearer.no-carrier', count: 1 });
  });

  it('keeps every trouble when a restart of ours brought it back', () => {
    const reset: Step = { kind: 'reset-modem', because: 'job', cutsLink: true, changesDialling: false };
    const denied = cut('bearer.auth-failed', seen);
    const resetting = rememberStep(denied, { step: reset, failure: null, fingerprint: null, nowMs: 2_000, attachment: 7, draw: 0 });
    const back = looked(looked(resetting, unseenModem('m1'), 5), { ...plugged(8), answering: false }, 20);
    expect(back.trouble).toMatchObject({ code: 'bearer.auth-failed' });
    const identity = { manufacturer: 'Quectel', product: 'EC200A', firmware: 'F', imei: '490154203237518' };
    expect(looked(back, { ...plugged(8), identity }, 30).trouble).toMatchObject({ code: 'bearer.auth-failed' });
  });
});

describe('a modem whose data mode was switched', () => {
  const write: Step = { kind: 'write-data-mode', mode: 'rndis', cutsLink: true, changesDialling: true };
  const identity = { manufacturer: 'Quectel', product: 'EC200A', firmware: 'F', imei: '490154203237518' };
  const known = looked(freshMemory, { ...plugged(7), identity }, 0);
  const switching = rememberStep(known, { step: write, failure: null, fingerprint: null, nowMs: 1_000, attachment: 7, draw: 0 });

  it('is back with its IMEI, and the switch counts until it is verified', () => {
    const back = looked(switching, { ...plugged(8), identity }, 30);
    expect(back).toMatchObject({ away: null, modeSwitches: 1 });
  });

  it('is not taken for another that was put into its place: that one begins anew', () => {
    const other = { ...plugged(8), identity: { ...identity, imei: '490154203237526' } };
    expect(looked(switching, other, 30)).toMatchObject({ imei: '490154203237526', away: null, modeSwitches: 0, trouble: null });
  });
});

describe('a trouble', () => {
  it('is forgotten once the link held for a minute', () => {
    const troubled = looked(looked(freshMemory, up, 0), down, 8);
    expect(looked(looked(troubled, up, 20), up, 60).trouble).not.toBeNull();
    expect(looked(looked(troubled, up, 20), up, 80).trouble).toBeNull();
  });
});
