import type { Volatility } from '../../core/transaction/preflight.ts';

/** One line of /proc/self/mountinfo (proc(5)). */
interface Mount {
  readonly id: string;
  readonly parent: string;
  readonly point: string;
  readonly type: string;
  readonly source: string;
  readonly superOptions: readonly string[];
}

/** Blanks and backslashes stand there in octal. */
const plain = (text: string) => text.replace(/\\([0-7]{3})/g, (_all, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));

function mountsOf(mountinfo: string): readonly Mount[] {
  return mountinfo.split('\n').flatMap((line) => {
    const [left = '', right = ''] = line.split(' - ');
    const [id = '', parent = '', , , point = ''] = left.split(' ');
    const [type = '', source = '', superOptions = ''] = right.split(' ');
    return type === '' ? [] : [{ id, parent, point: plain(point), type, source: plain(source), superOptions: superOptions.split(',') }];
  });
}

/** As the kernel walks a path: from the root over each mount that it meets, which hides what its parent has further down. */
function mountAt(mounts: readonly Mount[], path: string): Mount | null {
  const isAbove = ({ point }: Mount) => point === '/' || path === point || path.startsWith(`${point}/`);
  const childOf = (mount: Mount) =>
    mounts
      .filter((child) => child.parent === mount.id && child !== mount && isAbove(child))
      .toSorted((left, right) => left.point.length - right.point.length)[0];
  let found = mounts.find(({ id, parent, point }) => point === '/' && mounts.every((other) => other.id !== parent || other.id === id));
  for (let next = found; next; next = childOf(next)) found = next;
  return found ?? null;
}

const inRam: ReadonlySet<string> = new Set(['tmpfs', 'ramfs', 'rootfs', 'devtmpfs']);
const isRamDisk = (source: string) => /^\/dev\/(ram|zram)\d+$/.test(source);

const inSight = (why: string): Volatility => ({ why, isSeen: true });

function whyLost(mounts: readonly Mount[], path: string, crossed: readonly Mount[] = []): Volatility | null {
  const mount = mountAt(mounts, path);
  if (!mount) return null;
  const { type, source, point, superOptions } = mount;
  if (inRam.has(type)) return inSight(`${type} at ${point}`);
  if (isRamDisk(source)) return inSight(`${source} at ${point}`);
  if (type !== 'overlay') return null;
  const [upper] = superOptions.flatMap((option) => (option.startsWith('upperdir=') ? [plain(option.slice('upperdir='.length))] : []));
  const over = [...crossed, mount];
  const hidden = upper === undefined || over.includes(mountAt(mounts, upper) ?? mount);
  // Made in an initramfs or for a container, it has its layers where nobody here sees them: in RAM, or on the disk of the container's host.
  if (hidden) return { why: `overlay at ${point}, of which nobody here sees what it writes to`, isSeen: false };
  const below = whyLost(mounts, upper, over);
  return below && { ...below, why: `overlay at ${point} over ${below.why}` };
}

/**
 * Why a loss of power takes what is written to this directory; null: it does not, as far as can be seen.
 * @param mountinfo the text of /proc/self/mountinfo
 * @param path without symbolic links
 */
export function volatilityOf(mountinfo: string, path: string): Volatility | null {
  return whyLost(mountsOf(mountinfo), path);
}
