import type { AtCommand } from '../at/at-command.ts';
import type { AtOutcome } from '../at/command-machine.ts';
import type { FailureCode, ModemFailure } from '../failure.ts';
import { equipmentErrors, type NetworkCause, networkCauses } from './network-causes.ts';

/** Why somebody said no, in our words. */
export interface Refusal {
  readonly code: FailureCode;
  readonly cause?: number;
}

/** Lines of these commands hold APN passwords, whoever asked. */
const secretLine = /^(\+QICSGP|\+CGAUTH|\$QCPDPP|\^AUTHDATA):.*$/;
const maxEvidence = 12;

function byCause(known: NetworkCause): Refusal {
  return { code: known.code, cause: known.cause };
}

/** What a 3GPP cause number means, whoever told it; one that nobody knows counts as a failure of the network. */
export function refusalOfCause(cause: number): Refusal {
  return { code: networkCauses.find((known) => known.cause === cause)?.code ?? 'network.failure', cause };
}

/** The longest text that is found, so that "not allowed in this PLMN" beats "not allowed". */
function causeByText(text: string): NetworkCause | undefined {
  const spoken = text.toLowerCase();
  let best: { readonly known: NetworkCause; readonly length: number } | undefined;
  for (const known of networkCauses) {
    for (const phrase of known.texts) {
      if (spoken.includes(phrase) && phrase.length > (best?.length ?? 0)) best = { known, length: phrase.length };
    }
  }
  return best?.known;
}

/** What `+CME ERROR: <detail>` means, number or text. What nobody knows counts as a command that this firmware refuses. */
export function refusalOfCme(detail: string): Refusal {
  const spoken = detail.toLowerCase().trim();
  const number = /^\d+$/.test(spoken) ? Number(spoken) : undefined;
  const equipment = equipmentErrors.find((known) => known.cme === number || known.text === spoken);
  if (equipment) return { code: equipment.code };
  const network = number === undefined ? causeByText(spoken) : networkCauses.find((known) => known.cme === number);
  return network ? byCause(network) : { code: 'at.rejected' };
}

/**
 * What `AT+CEER` tells of the last failed call. The report is free text (3GPP TS 27.007 clause 7.12 leaves it to the maker):
 * a phrase of the standard counts first, else the last number in it that is a 3GPP cause. Null: it says nothing.
 */
export function refusalOfCeer(lines: readonly string[]): Refusal | null {
  const report = lines.filter((line) => line.startsWith('+CEER')).join(' ');
  const spoken = causeByText(report);
  if (spoken) return byCause(spoken);
  const numbers = [...report.matchAll(/(?<![\d.])\d+(?![\d.])/g)].map((match) => Number(match[0]));
  const known = networkCauses.find((candidate) => candidate.cause === numbers.at(-1));
  return known ? byCause(known) : null;
}

function refusalOf(result: AtOutcome['result']): Refusal {
  switch (result.kind) {
    case 'cme':
      return refusalOfCme(result.detail);
    case 'timeout':
      return { code: 'at.timeout' };
    case 'closed':
      return { code: 'at.port-closed' };
    case 'no-carrier':
    case 'busy':
    case 'no-answer':
    case 'no-dialtone':
      return { code: 'bearer.no-carrier' };
    default:
      return { code: 'at.rejected' };
  }
}

function finalLine(result: AtOutcome['result']): string {
  switch (result.kind) {
    case 'cme':
      return `+CME ERROR: ${result.detail}`;
    case 'cms':
      return `+CMS ERROR: ${result.detail}`;
    case 'timeout':
      return '(no final result in time)';
    case 'closed':
      return '(port closed)';
    case 'connect':
      return `CONNECT ${result.speed}`.trim();
    default:
      return result.kind.toUpperCase().replace('-', ' ');
  }
}

/** The command and what came back, oldest first, fit to be shown. */
export function evidenceOf(command: AtCommand, outcome: AtOutcome): readonly string[] {
  const lines = outcome.lines.slice(-maxEvidence).map((line) => command.redact(line).replace(secretLine, '$1: ***'));
  return [`> ${command.redacted}`, ...lines, finalLine(outcome.result)];
}

/** The failure that an outcome is which is not OK. */
export function failureOf(command: AtCommand, outcome: AtOutcome): ModemFailure {
  return { ...refusalOf(outcome.result), evidence: evidenceOf(command, outcome) };
}
