/** One entry of an initramfs. Parents come before what lies in them. */
export interface ArchiveEntry {
  /** Without a leading slash. */
  readonly path: string;
  /** Type and permission bits, such as 0o100755. */
  readonly mode: number;
  readonly content?: Uint8Array;
  /** Major and minor number of a device node. */
  readonly device?: readonly [number, number];
}

const magic = '070701';
const trailer: ArchiveEntry = { path: 'TRAILER!!!', mode: 0 };

const hex = (value: number) => value.toString(16).padStart(8, '0');
const padded = (length: number) => Buffer.alloc((4 - (length % 4)) % 4);

function header(entry: ArchiveEntry, inode: number): Buffer {
  const [major, minor] = entry.device ?? [0, 0];
  const name = Buffer.from(`${entry.path}\0`);
  // inode, mode, uid, gid, links, mtime, size, dev major, minor, rdev major, minor, name length, checksum (unused by newc)
  const fields = [inode, entry.mode, 0, 0, 1, 0, entry.content?.length ?? 0, 0, 0, major, minor, name.length, 0];
  const head = Buffer.concat([Buffer.from(magic + fields.map(hex).join('')), name]);
  return Buffer.concat([head, padded(head.length)]);
}

/**
 * A cpio archive of the kind "newc", as the kernel unpacks it: Documentation/driver-api/early-userspace/buffer-format.rst of Linux.
 * Everything belongs to root, whoever packs it.
 */
export function newcArchive(entries: readonly ArchiveEntry[]): Buffer {
  const parts = [...entries, trailer].flatMap((entry, index) => {
    const content = Buffer.from(entry.content ?? []);
    return [header(entry, index + 1), content, padded(content.length)];
  });
  return Buffer.concat(parts);
}
