import { spawnSync } from 'node:child_process';
import { closeSync, constants, openSync, readdirSync, readlinkSync } from 'node:fs';
import { ReadStream, WriteStream } from 'node:tty';
import { afterEach, describe, expect, it } from 'vitest';
import { createNodeSerialPorts } from './node-serial-ports.ts';

// TIOCSPTLCK unlocks the other end, TIOCGPTN tells its number; perl-base is on every Debian, Node has no ioctl.
const unlock = 'my $n=pack("i",0); ioctl(STDIN,0x40045431,$n) or die; ioctl(STDIN,0x80045430,$n) or die; print unpack("i",$n)';

function openPty() {
  const fd = openSync('/dev/ptmx', constants.O_RDWR | constants.O_NOCTTY);
  const number = spawnSync('perl', ['-e', unlock], { stdio: [fd, 'pipe', 'inherit'] }).stdout.toString();
  const input = new ReadStream(fd);
  const output = new WriteStream(fd);
  const seen: number[] = [];
  input.on('data', (chunk: Buffer) => seen.push(...chunk));
  input.on('error', () => undefined);
  return { path: `/dev/pts/${number}`, seen, output, unplug: () => input.destroy() };
}

/** How many descriptors of this process are open on a path. */
function openOn(path: string): number {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === path;
    } catch {
      return false;
    }
  }).length;
}

let cleanUps: (() => void)[] = [];
afterEach(() => {
  for (const cleanUp of cleanUps) cleanUp();
  cleanUps = [];
});

async function openBoth() {
  const pty = openPty();
  cleanUps.push(() => pty.unplug());
  const port = await createNodeSerialPorts().open(pty.path);
  cleanUps.push(() => void port.close());
  return { pty, port };
}

describe('a tty on this machine', () => {
  it('carries every byte but a line feed out, and every byte in, unchanged and without an echo', async () => {
    const { pty, port } = await openBoth();
    const all = Uint8Array.from({ length: 256 }, (_, value) => value);
    const heard: number[] = [];
    port.onData((bytes) => heard.push(...bytes));
    const withoutLineFeed = all.filter((value) => value !== 0x0a);
    await port.write(withoutLineFeed);
    await expect.poll(() => pty.seen.length).toBe(255);
    expect(pty.seen).toEqual([...withoutLineFeed]);
    pty.output.write(all);
    await expect.poll(() => heard.length).toBe(256);
    expect(heard).toEqual([...all]);
  });

  it('tells once that the modem was unplugged, and then refuses to write', async () => {
    const { pty, port } = await openBoth();
    const reasons: string[] = [];
    port.onClose((reason) => reasons.push(reason));
    pty.unplug();
    await expect.poll(() => reasons).toHaveLength(1);
    await expect(port.write(Uint8Array.of(65))).rejects.toMatchObject({ code: 'port.closed' });
    await port.close();
    expect(reasons).toHaveLength(1);
  });

  it('closes every descriptor it had, and can be opened again', async () => {
    const { pty, port } = await openBoth();
    // A stream on the master ends for good once nobody has the other end open.
    const keeper = openSync(pty.path, constants.O_RDWR | constants.O_NOCTTY);
    cleanUps.push(() => closeSync(keeper));
    await port.close();
    expect(openOn(pty.path)).toBe(1);
    await expect(port.write(Uint8Array.of(65))).rejects.toMatchObject({ code: 'port.closed' });
    const again = await createNodeSerialPorts().open(pty.path);
    await again.close();
  });

  it('says why a path does not open', async () => {
    await expect(createNodeSerialPorts().open('/dev/does-not-exist')).rejects.toMatchObject({
      code: 'port.open-failed',
      cause: { code: 'ENOENT' },
    });
    await expect(createNodeSerialPorts().open('/dev/null')).rejects.toMatchObject({ code: 'port.open-failed' });
  });
});
