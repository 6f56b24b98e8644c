import { sleep } from '@towline/kit';
import type { Reading } from '../failure.ts';
import { failed, type ModemLink } from './modem-link.ts';

/** ModemManager reads a written mode again for five seconds before it believes that it was not taken; firmwares answer before they are done. */
const rereads = 5;
const rereadMs = 1_000;

export interface Written<Value> {
  readonly read: () => Promise<Reading<Value>>;
  readonly isSo: (value: Value) => boolean;
  /** For a person to read. */
  readonly what: string;
}

/** Reads what was written until the modem shows it. `at.rejected` where it took it and goes on showing something else. */
export async function untilShown<Value>(
  { clock }: Pick<ModemLink, 'clock'>,
  { read, isSo, what }: Written<Value>,
): Promise<Reading<{ readonly written: true }>> {
  for (let tries = 0; tries < rereads; tries += 1) {
    const now = await read();
    if (!now.ok) return now;
    if (isSo(now.value)) return { ok: true, value: { written: true } };
    await sleep(clock, rereadMs);
  }
  return failed({ code: 'at.rejected', evidence: [`wrote ${what}, not kept`] });
}
