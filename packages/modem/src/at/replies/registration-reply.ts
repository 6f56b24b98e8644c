import type { RegistrationState } from '../../driver.ts';
import { fieldsOf, numberOf, textOf } from './fields.ts';

/** What `AT+CREG?`, `+CGREG?`, `+CEREG?` or `+C5GREG?` answers (3GPP TS 27.007 clauses 7.2, 10.1.20, 10.1.22, 10.1.47). */
export interface RegistrationReply {
  readonly state: RegistrationState;
  readonly area: string | null;
  readonly cell: string | null;
  /** Access technology number; see `ratOf`. */
  readonly accessTechnology: number | null;
}

/** 6 and 7 are "SMS only", 9 and 10 "CSFB not preferred"; 8 allows emergency calls only. */
const states: readonly RegistrationState[] = [
  'not-searching',
  'home',
  'searching',
  'denied',
  'unknown',
  'roaming',
  'home',
  'roaming',
  'unknown',
  'home',
  'roaming',
];

/**
 * Of several lines the read's own: its second field is the state, a bare number of at most two digits. In an unsolicited
 * line (`+CEREG: 5,"1A2B",…`) the state comes first, and an area follows or nothing.
 */
export function parseRegistration(lines: readonly string[], name: '+CREG' | '+CGREG' | '+CEREG' | '+C5GREG'): RegistrationReply | null {
  for (const fields of fieldsOf(lines, name)) {
    const [mode, status, area, cell, technology] = fields;
    if (numberOf(mode) === null || status?.quoted || !/^\d{1,2}$/.test(status?.text ?? '')) continue;
    const state = states[Number(status?.text)];
    if (!state) continue;
    return { state, area: textOf(area), cell: textOf(cell), accessTechnology: numberOf(technology) };
  }
  return null;
}
