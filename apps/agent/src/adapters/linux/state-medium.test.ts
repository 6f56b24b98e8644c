import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { volatilityOf } from './state-medium.ts';

const path = '/var/lib/towline';

/** Where, type, source, options of the file system, and where its parent is mounted. */
type Line = readonly [string, string, string, string?, string?];

/** Composed after proc(5), the newest first, as they stand there in no order. */
function mountinfo(...mounts: readonly Line[]): string {
  const idOf = (point: string) => 20 + mounts.findIndex(([other]) => other === point);
  return mounts
    .map(([point, type, source, options = 'rw', parent = '/'], index) => {
      const above = point === '/' ? 1 : idOf(parent);
      return `${20 + index} ${above} 8:1 / ${point} rw shared:1 - ${type} ${source} ${options}`;
    })
    .toReversed()
    .join('\n');
}

const ext4 = ['/', 'ext4', '/dev/mmcblk0p2'] as const;

describe('a state directory', () => {
  it.each([
    ['on flash', mountinfo(ext4), null],
    ['on flash behind a file system in RAM elsewhere', mountinfo(ext4, ['/run', 'tmpfs', 'tmpfs']), null],
    ['in RAM', mountinfo(ext4, ['/var', 'tmpfs', 'tmpfs']), 'tmpfs at /var'],
    [
      'on flash below a directory in RAM',
      mountinfo(ext4, ['/var', 'tmpfs', 'tmpfs'], [path, 'ext4', '/dev/mmcblk0p3', 'rw', '/var']),
      null,
    ],
    [
      'that something in RAM was mounted over',
      mountinfo(ext4, [path, 'ext4', '/dev/mmcblk0p3'], ['/var', 'tmpfs', 'tmpfs']),
      'tmpfs at /var',
    ],
    ['in an initramfs', mountinfo(['/', 'rootfs', 'none']), 'rootfs at /'],
    ['on compressed RAM', mountinfo(ext4, ['/var', 'ext4', '/dev/zram1']), '/dev/zram1 at /var'],
    [
      'of OpenWrt',
      mountinfo(
        ['/overlay', 'ubifs', '/dev/ubi0_1'],
        ['/', 'overlay', 'overlayfs:/overlay', 'rw,lowerdir=/,upperdir=/overlay/upper,workdir=/overlay/work'],
      ),
      null,
    ],
    [
      'of OpenWrt without its flash',
      mountinfo(['/tmp/root', 'tmpfs', 'tmpfs'], ['/', 'overlay', 'overlayfs:/tmp/root', 'rw,upperdir=/tmp/root/upper']),
      'overlay at / over tmpfs at /tmp/root',
    ],
    [
      'of a host that keeps its root read-only, as overlayroot does',
      mountinfo(
        ['/', 'overlay', 'overlayroot', 'rw,lowerdir=/media/root-ro,upperdir=/media/root-rw/overlay'],
        ['/media/root-rw', 'tmpfs', 'tmpfs-root'],
      ),
      'overlay at / over tmpfs at /media/root-rw',
    ],
    [
      'of a container, whose host alone knows',
      mountinfo(['/', 'overlay', 'overlay', 'rw,lowerdir=/l,upperdir=/var/lib/docker/overlay2/x/diff']),
      'overlay at /, of which nobody here sees what it writes to',
    ],
    ['whose name has a blank', mountinfo(ext4, ['/var\\040x', 'tmpfs', 'tmpfs']), null],
  ])('%s', (_what, text, why) => {
    expect(volatilityOf(text, path)?.why ?? null).toBe(why);
  });

  it.each([
    ['in RAM for sure', '/var', true],
    ['where nobody here can tell', '/media/unseen', false],
  ])('below an overlay that writes to what is %s', (_what, upper, isSeen) => {
    const text = mountinfo(['/', 'overlay', 'overlay', `rw,upperdir=${upper}/upper`], ['/var', 'tmpfs', 'tmpfs']);
    expect(volatilityOf(text, '/lib/towline')?.isSeen).toBe(isSeen);
  });

  it('with a blank in its path', () => {
    expect(volatilityOf(mountinfo(ext4, ['/my\\040state', 'tmpfs', 'tmpfs']), '/my state/towline')?.why).toBe('tmpfs at /my state');
  });
});

/** Mounts them in a namespace of its own and tells what the kernel says of it then. */
function reallyMounted(script: string): { readonly text: string; readonly directory: string } {
  const directory = mkdtempSync(join(tmpdir(), 'towline-medium-'));
  const text = execFileSync('unshare', [
    '--user',
    '--map-root-user',
    '--mount',
    'sh',
    '-ec',
    `cd "$1"; ${script}; cat /proc/self/mountinfo`,
    'sh',
    directory,
  ]);
  return { text: text.toString(), directory };
}

/** Not in a container that may not: there the composed lines have to do. */
const mayMount = spawnSync('unshare', ['--user', '--map-root-user', '--mount', 'true']).status === 0;

describe.runIf(mayMount)('what a kernel says of its mounts', () => {
  it.each([
    ['a tmpfs', 'mkdir ram; mount -t tmpfs none ram', 'ram', /^tmpfs at /],
    [
      'an overlay over a tmpfs',
      'mkdir ram all; mount -t tmpfs none ram; mkdir ram/low ram/up ram/work; mount -t overlay none -o "lowerdir=$PWD/ram/low,upperdir=$PWD/ram/up,workdir=$PWD/ram/work" all',
      'all',
      /^overlay at .* over tmpfs at /,
    ],
  ])('is understood: %s', (_what, script, name, why) => {
    const { text, directory } = reallyMounted(script);
    expect(volatilityOf(text, join(directory, name, 'towline'))?.why).toMatch(why);
  });
});
