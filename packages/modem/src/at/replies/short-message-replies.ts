import { readSmsDeliver, type ShortMessage } from '../sms/read-sms-deliver.ts';
import { fieldsOf, numberOf, splitFields } from './fields.ts';

/** A message in the modem's or the card's memory. */
export interface StoredMessage {
  /** Where it lies, for AT+CMGD. */
  readonly index: number;
  /** Null when it is none that can be read: sent ones, status reports, damaged ones. */
  readonly message: ShortMessage | null;
}

/** The length that is announced counts neither the service centre's address nor its own length octet. */
function isWhole(hex: string, length: number | null): boolean {
  return length === hex.length / 2 - 1 - Number.parseInt(hex.slice(0, 2), 16);
}

/**
 * `+CMGL: <index>,<stat>,[<alpha>],<length>` and the PDU on the line after it (TS 27.005 clause 4.1). One that was cut off by the bound on
 * replies is left out: it is read again when those before it are gone.
 */
export function parseStoredMessages(lines: readonly string[]): StoredMessage[] {
  return lines.flatMap((line, at) => {
    if (!line.startsWith('+CMGL:')) return [];
    const fields = splitFields(line.slice('+CMGL:'.length).trim());
    const [index, hex] = [numberOf(fields[0]), (lines[at + 1] ?? '').trim()];
    return index !== null && isWhole(hex, numberOf(fields.at(-1))) ? [{ index, message: readSmsDeliver(hex) }] : [];
  });
}

/**
 * `+CPMS: <mem1>,<used>,<total>,<mem2>,…,<mem3>,…` (TS 27.005 clause 3.2.2): from which memory is read, and where what comes in goes.
 */
export function parseMemories(lines: readonly string[]): { readonly read: string; readonly received: string } | null {
  const [fields] = fieldsOf(lines, '+CPMS');
  const [read, received] = [fields?.[0]?.text, fields?.[6]?.text];
  return read && received ? { read, received } : null;
}
