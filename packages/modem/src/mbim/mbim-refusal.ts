import { type Refusal, refusalOfCause } from '../failures/failure-of.ts';
import { mbimNetworkErrors, mbimStatuses } from '../failures/mbim-failures.ts';
import { refusalOfTool } from '../sessions/tool-refusal.ts';
import { labelled } from '../sessions/tool-text.ts';

/** The function was closed, or restarted: what was open is not. */
export function isNotOpened(text: string): boolean {
  return /not ?opened/i.test(text);
}

/** `Network error: 'missing-or-unknown-apn'` or, for what libmbim does not know, `'unknown (0x0000001b)'`; null: no cause stands there. */
export function networkErrorOf(text: string): Refusal | null {
  const name = labelled(text, 'Network error') ?? labelled(text, 'nw error');
  if (name === null) return null;
  const cause = mbimNetworkErrors[name] ?? Number(/0x([0-9a-f]{8})/i.exec(name)?.[0] ?? 0);
  return cause === 0 ? null : refusalOfCause(cause);
}

/** What mbimcli's text says went wrong: the network's cause before the status, which often is no more than Failure. */
export function refusalOfMbim(text: string): Refusal {
  const caused = networkErrorOf(text);
  if (caused) return caused;
  const name = /operation failed: (?:.*status error = ')?([A-Za-z -]+)/i.exec(text)?.[1] ?? '';
  const code = mbimStatuses[name.replaceAll(/[^a-z]/gi, '').toLowerCase()];
  return { code: code ?? refusalOfTool(text) };
}
