import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { homeElsewhere, removeAbandonedHomes } from './homes-elsewhere.ts';

let folder = '';
let elsewhere = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'towline-homes-'));
  elsewhere = join(folder, 'elsewhere');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const nowMs = Date.UTC(2026, 5, 1);
const weeksAgo = (weeks: number) => new Date(nowMs - weeks * 7 * 86_400_000);
const nobody = () => false;

function homeOf(name: string, lastUsed = weeksAgo(2)): string {
  const home = homeElsewhere(join(folder, name), elsewhere);
  utimesSync(join(home, 'belongs-to.json'), lastUsed, lastUsed);
  return home;
}

describe('the home of a data directory that the server cannot reach', () => {
  it('stays the same, and is another one once the directory is made anew or copied', () => {
    const home = homeOf('data');
    expect(homeOf('data')).toBe(home);
    rmSync(join(folder, 'data'), { recursive: true });
    expect(homeOf('data')).not.toBe(home);
    expect(basename(homeOf('copy')).slice(0, 12)).not.toBe(basename(home).slice(0, 12));
  });

  it('goes with its data directory, a week after it was last used', () => {
    const [gone, anew, there, recent] = [homeOf('gone'), homeOf('anew'), homeOf('there'), homeOf('recent', weeksAgo(0.5))];
    for (const name of ['gone', 'anew', 'recent']) rmSync(join(folder, name), { recursive: true });
    homeOf('anew');
    expect(removeAbandonedHomes(elsewhere, nowMs, nobody).toSorted()).toEqual([gone, anew].toSorted());
    expect([gone, anew, there, recent].map((home) => existsSync(home))).toEqual([false, false, true, true]);
  });

  it('is kept for good where its data directory may only be away, on a disk that is not mounted', () => {
    const home = homeElsewhere('/nowhere/towline-not-mounted', elsewhere, 'a-mark');
    utimesSync(join(home, 'belongs-to.json'), weeksAgo(9), weeksAgo(9));
    expect(removeAbandonedHomes(elsewhere, nowMs, nobody)).toEqual([]);
    writeFileSync(join(home, 'belongs-to.json'), '{"dataDir":');
    utimesSync(join(home, 'belongs-to.json'), weeksAgo(9), weeksAgo(9));
    expect(removeAbandonedHomes(elsewhere, nowMs, nobody)).toEqual([]);
  });

  it('is kept while a server runs in it, and nothing else is touched', () => {
    const home = homeOf('gone');
    rmSync(join(folder, 'gone'), { recursive: true });
    mkdirSync(join(elsewhere, 'postgres-linux-x64-18.0.0'));
    expect(removeAbandonedHomes(elsewhere, nowMs, (held) => held === home)).toEqual([]);
    expect(existsSync(home)).toBe(true);
    expect(removeAbandonedHomes(elsewhere, nowMs, nobody)).toEqual([home]);
    expect(existsSync(join(elsewhere, 'postgres-linux-x64-18.0.0'))).toBe(true);
    expect(removeAbandonedHomes(join(folder, 'nowhere'), nowMs, nobody)).toEqual([]);
  });
});
