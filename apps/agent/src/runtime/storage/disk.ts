/**
 * The state directory as a power cut can hit it. What was written is only certain once the call that says so has resolved; before that
 * any part of it may survive. Names are plain file names. Every call throws what the system says (a `code` such as ENOSPC).
 */
export interface Disk {
  /** Null when there is no such file. */
  read(name: string): Promise<Uint8Array | null>;
  /** Makes a file of its own under this name, whatever was there, and syncs its content; its name is certain only after `syncDirectory`. */
  create(name: string, content: Uint8Array): Promise<void>;
  /** Writes over the start of a file that is there, within its size, and syncs it. */
  overwrite(name: string, content: Uint8Array): Promise<void>;
  /** Certain only after `syncDirectory`. */
  rename(from: string, to: string): Promise<void>;
  syncDirectory(): Promise<void>;
}
