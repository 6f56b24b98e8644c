import type { FailureCode } from '../failure.ts';
import { type Refusal, refusalOfCause } from '../failures/failure-of.ts';
import {
  qmiCallEndCauses,
  qmiCallEnds,
  qmiCallManagerEnds,
  qmiInternalEnds,
  qmiPppEnds,
  qmiProtocolErrors,
} from '../failures/qmi-failures.ts';
import { refusalOfTool } from '../sessions/tool-refusal.ts';

/** Verbose call end reason types (libqmi, QmiWdsVerboseCallEndReasonType). */
const verboseTypes: Readonly<Record<number, Readonly<Record<number, FailureCode>>>> = {
  2: qmiInternalEnds,
  3: qmiCallManagerEnds,
  7: qmiPppEnds,
};
const threeGpp = 6;

function numbersOf(text: string, pattern: RegExp): readonly number[] {
  return (pattern.exec(text) ?? []).slice(1).map(Number);
}

/** The number of `QMI protocol error (14): 'CallFailed'`; null where the modem answered no error. */
export function qmiErrorOf(text: string): number | null {
  return numbersOf(text, /QMI protocol error \((\d+)\)/)[0] ?? null;
}

function verboseRefusal(text: string): Refusal | null {
  const [type, reason] = numbersOf(text, /verbose call end reason \((\d+),(-?\d+)\)/);
  if (type === undefined || reason === undefined) return null;
  if (type === threeGpp) return refusalOfCause(reason);
  const code = verboseTypes[type]?.[reason];
  return code === undefined ? null : { code };
}

function plainRefusal(text: string): Refusal | null {
  const [reason] = numbersOf(text, /(?<!verbose )call end reason \((\d+)\)/);
  if (reason === undefined) return null;
  const cause = qmiCallEndCauses[reason];
  if (cause !== undefined) return refusalOfCause(cause);
  const code = qmiCallEnds[reason];
  return code === undefined ? null : { code };
}

/**
 * What qmicli's text says went wrong; only its numbers count, since names change. The verbose reason is the exact one, the
 * plain one says only what sort of thing happened, the protocol error only that something did.
 */
export function refusalOfQmi(text: string): Refusal {
  const known = verboseRefusal(text) ?? plainRefusal(text);
  if (known) return known;
  const error = qmiErrorOf(text);
  if (error !== null) return { code: qmiProtocolErrors[error] ?? 'control.rejected' };
  return { code: refusalOfTool(text) };
}
