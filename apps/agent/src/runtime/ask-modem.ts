import type { SwitchableModemDriver, VisibleNetwork } from '@towline/modem';
import type { JobOrder, JobReport } from '@towline/protocol';
import { reading } from './modem-handle.ts';

type Question = Extract<JobOrder, { kind: 'scan' | 'ask-modem' }>;

/** What came of a question that a person ordered. */
export interface Answer {
  readonly failure: JobReport['fault'];
  readonly answer: JobReport['result'];
}

const maxLines = 64;
const cut = (line: string): string => line.slice(0, 256);

const shownNetwork = ({ plmn, name, availability, accessTechnology }: VisibleNetwork): string =>
  cut([plmn, availability, accessTechnology === null ? 'act unknown' : `act ${accessTechnology}`, name ?? ''].join(' ').trim());

async function linesOf(driver: SwitchableModemDriver, order: Question) {
  if (order.kind === 'ask-modem') return reading(() => driver.questions.ask(order.command));
  const scanned = await reading(() => driver.questions.scanNetworks());
  return scanned.ok ? { ok: true as const, value: scanned.value.map(shownNetwork) } : scanned;
}

/** Asks, and gives the lines of the answer: networks as `26201 available act 7 Name`. What goes wrong is no trouble of the connection. */
export async function askModem(driver: SwitchableModemDriver | null, order: Question): Promise<Answer> {
  if (!driver) return { failure: { code: 'modem.absent', evidence: [] }, answer: null };
  const read = await linesOf(driver, order);
  if (!read.ok) return { failure: { code: read.failure.code, evidence: read.failure.evidence.slice(0, 16).map(cut) }, answer: null };
  const lines = read.value.slice(0, maxLines).map(cut);
  return { failure: null, answer: { lines, complete: lines.length === read.value.length } };
}
