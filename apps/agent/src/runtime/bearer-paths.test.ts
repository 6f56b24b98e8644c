import { describe, expect, it } from 'vitest';
import { unseenModem } from '../core/observed.ts';
import { fakeHost } from '../testing/fake-host.ts';
import { BearerPaths } from './bearer-paths.ts';

const view = (id: string, interfaceName: string, connection: 'verified' | 'connected') => ({
  observed: {
    ...unseenModem(id),
    host: { ...fakeHost().kernel(), interface: interfaceName, addresses: [{ address: '10.0.0.2', prefixLength: 30 }] },
  },
  decision: { connection, fault: null, rule: null, mode: null, modeReason: null, next: { kind: 'wait', untilMs: 0 } } as const,
  change: { phase: 'settled', refusal: null, version: null, open: null } as const,
  abilities: null,
});

function paths(...bearers: string[]): BearerPaths {
  const made = new BearerPaths();
  for (const [slot, name] of bearers.entries()) made.see(slot, view(`m${slot}`, name, 'verified'));
  return made;
}

const nameOf = (way: ReturnType<BearerPaths['wayOf']>) => (typeof way === 'string' ? way : way.bearer);
const turns = (made: BearerPaths, over: 'any' | 'bearer-first' | 'bearer') => [0, 1, 2].map((attempt) => nameOf(made.wayOf(over, attempt)));

describe('the way to the control plane', () => {
  it('is as the routes say, and every other try by a bearer where there is one', () => {
    expect(turns(paths(), 'any')).toEqual(['any', 'any', 'any']);
    expect(turns(paths('wwan0', 'usb0'), 'any')).toEqual(['any', 'wwan0 10.0.0.2', 'any']);
  });

  it('is a bearer first where that is preferred, and then as the routes say', () => {
    expect(turns(paths('wwan0'), 'bearer-first')).toEqual(['wwan0 10.0.0.2', 'any', 'wwan0 10.0.0.2']);
  });

  it('is a bearer or none where it has to be one', () => {
    expect(turns(paths('wwan0'), 'bearer')).toEqual(Array(3).fill('wwan0 10.0.0.2'));
    expect(turns(paths(), 'bearer')).toEqual(['none', 'none', 'none']);
  });

  it('is left when the bearer goes, and not because another one came', () => {
    const made = paths('wwan0', 'usb0');
    expect(made.mayStay('bearer', 'usb0 10.0.0.2')).toBe(true);
    expect(made.see(1, view('m1', 'usb0', 'connected'))).toBe('went');
    expect(made.mayStay('bearer', 'usb0 10.0.0.2')).toBe(false);
    expect(made.see(1, view('m1', 'usb0', 'connected'))).toBeNull();
    expect(made.see(1, view('m1', 'usb1', 'verified'))).toBe('came');
    expect(made.mayStay('any', null)).toBe(true);
    expect(made.mayStay('bearer-first', null)).toBe(false);
  });
});
