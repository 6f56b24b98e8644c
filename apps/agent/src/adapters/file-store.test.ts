import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createWorld, documentOf, rule } from '../testing/world.ts';
import { fileStore } from './file-store.ts';
import { nodeDisk } from './node-disk.ts';
import { nodeVault } from './node-vault.ts';

const directories: string[] = [];

function freshDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'towline-store-'));
  directories.push(directory);
  return directory;
}

afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
});

describe('the file store', () => {
  it('gives back what was written last, and null for what never was', async () => {
    const store = fileStore(join(freshDirectory(), 'state'));
    expect(await store.read('target')).toBeNull();
    await Promise.all([store.write('target', 'one'), store.write('target', 'two')]);
    expect(await store.read('target')).toBe('two');
  });

  it('keeps its files from everybody but their owner', async () => {
    const directory = freshDirectory();
    await fileStore(directory).write('identity', 'x');
    expect(statSync(join(directory, 'identity.json')).mode & 0o777).toBe(0o600);
  });

  it('writes a new file each time: of one whose sync failed nobody knows what is on the medium', async () => {
    const directory = freshDirectory();
    const disk = nodeDisk(directory);
    await disk.create('a', Buffer.from('one'));
    const before = openSync(join(directory, 'a'), 'r');
    await disk.create('a', Buffer.from('two'));
    expect(readFileSync(before, 'utf8')).toBe('one');
    expect(readFileSync(join(directory, 'a'), 'utf8')).toBe('two');
    closeSync(before);
  });

  it('keeps the old text when the power went in the middle of a write', async () => {
    const directory = freshDirectory();
    const store = fileStore(directory);
    await store.write('target', 'whole');
    writeFileSync(join(directory, 'target.json.tmp'), 'ha');
    expect(await fileStore(directory).read('target')).toBe('whole');
    await store.write('target', 'next');
    expect(await store.read('target')).toBe('next');
  });

  it('says so when it cannot write', async () => {
    const directory = freshDirectory();
    writeFileSync(join(directory, 'file'), '');
    await expect(fileStore(join(directory, 'file')).write('target', 'x')).rejects.toMatchObject({ code: 'store.write-failed' });
  });
});

describe('an agent over the file store', () => {
  async function started(directory: string) {
    const world = createWorld({ store: fileStore(directory) });
    world.controlPlane.assign(documentOf(rule('fleet.secret', { profile: secretProfile })), 1);
    await world.agent.start();
    // Files take real time, of which the manual clock knows nothing: time goes on until the link is verified.
    await expect
      .poll(async () => (await world.clock.advance(1_000), world.agent.views()[0]?.decision.connection), { timeout: 15_000 })
      .toBe('verified');
    return world;
  }

  const secretProfile = {
    apn: 'fleet.secret',
    ipType: 'ipv4',
    auth: 'chap',
    username: 'gate',
    password: 'keep',
    dataMode: 'auto',
    roaming: false,
  } as const;

  it('leaves neither password nor user name readable on flash', async () => {
    const directory = freshDirectory();
    const world = await started(directory);
    await world.halt();
    const texts = readdirSync(directory).map((name) => readFileSync(join(directory, name), 'utf8'));
    expect(texts.length).toBeGreaterThan(2);
    expect(texts.join('\n')).not.toMatch(/keep|gate/);
    expect(JSON.stringify(world.logged)).not.toMatch(/keep/);
  });

  it('finds its identity and its target again, and does not enrol twice', async () => {
    const directory = freshDirectory();
    const world = await started(directory);
    await world.halt();
    world.controlPlane.reachable = false;
    const again = world.again();
    await again.start();
    await expect
      .poll(async () => (await world.clock.advance(1_000), again.views()[0]?.decision.connection), { timeout: 15_000 })
      .toBe('verified');
    expect(world.controlPlane.enrolments).toHaveLength(1);
    await world.halt(again);
  });

  it('keeps a damaged target aside, says so and asks for it anew', async () => {
    const directory = freshDirectory();
    const world = await started(directory);
    await world.halt();
    writeFileSync(join(directory, 'target.json'), 'not what was sealed');
    const again = world.again();
    await again.start();
    const codes = () => world.controlPlane.events().flatMap(({ events }) => events.map(({ code }) => code));
    await expect.poll(async () => (await world.clock.advance(1_000), codes()), { timeout: 15_000 }).toContain('store.corrupt');
    expect(readdirSync(directory)).toContain('target.json.corrupt');
    await expect
      .poll(async () => (await world.clock.advance(1_000), world.controlPlane.states().at(-1)?.target?.status), { timeout: 15_000 })
      .toBe('applied');
    await world.halt(again);
  });
});

describe('sealing', () => {
  it('opens with the same secret only, and notices a changed octet', () => {
    const seal = nodeVault.sealer('secret');
    const sealed = seal.close('text');
    expect(nodeVault.sealer('secret').open(sealed)).toBe('text');
    expect(nodeVault.sealer('other').open(sealed)).toBeNull();
    expect(seal.open(`${sealed.slice(0, 20)}${sealed[20] === 'A' ? 'B' : 'A'}${sealed.slice(21)}`)).toBeNull();
    expect(seal.open('')).toBeNull();
  });
});
