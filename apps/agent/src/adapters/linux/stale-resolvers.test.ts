import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dropStaleResolvers } from './stale-resolvers.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'towline-resolvers-'));
});
afterEach(() => rmSync(root, { recursive: true }));

describe('resolvers noted by an agent before', () => {
  it('are taken away with the modem that was unplugged meanwhile, and stay for a bearer that is there', () => {
    for (const directory of ['run/resolvers', 'net/wwan0']) mkdirSync(join(root, directory), { recursive: true });
    for (const name of ['wwan0', 'ppp0']) writeFileSync(join(root, `run/resolvers/${name}.conf`), 'nameserver 192.0.2.53\n');
    dropStaleResolvers(join(root, 'run'), join(root, 'net'));
    expect(readdirSync(join(root, 'run/resolvers'))).toEqual(['wwan0.conf']);
  });

  it('that cannot be taken away keep no agent from its start', () => {
    mkdirSync(join(root, 'run/resolvers/wwan1.conf'), { recursive: true });
    expect(() => dropStaleResolvers(join(root, 'run'), join(root, 'net'))).not.toThrow();
  });

  it('need not be there', () => {
    expect(() => dropStaleResolvers(join(root, 'run'), join(root, 'net'))).not.toThrow();
  });
});
