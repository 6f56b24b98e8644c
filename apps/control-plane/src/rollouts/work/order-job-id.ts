import { createHash } from 'node:crypto';

export interface OrderTry {
  readonly rollout: string;
  readonly device: string;
  /** From 1. */
  readonly attempt: number;
}

/**
 * The id of the job that a rollout gives a device at one try (UUID version 8 over SHA-256, RFC 9562 appendix B.2). Always the same: a database
 * that was restored gives the job of that day again, and a device that has done it says so instead of doing it twice.
 */
export function orderJobId({ rollout, device, attempt }: OrderTry): string {
  const bytes = createHash('sha256').update(`${rollout}/${device}/${attempt}`).digest().subarray(0, 16);
  bytes.writeUInt8(0x80 | (bytes.readUInt8(6) & 0x0f), 6);
  bytes.writeUInt8(0x80 | (bytes.readUInt8(8) & 0x3f), 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
