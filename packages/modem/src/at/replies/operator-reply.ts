import { fieldsOf, numberOf, textOf } from './fields.ts';

/** What `AT+COPS?` answers (3GPP TS 27.007 clause 7.3): a name, or MCC-MNC digits with format 2. */
export interface OperatorReply {
  /** Format 2: five or six digits. */
  readonly plmn: string | null;
  readonly name: string | null;
  /** In which form the operator is told, 2 as digits; null where none is. */
  readonly format: number | null;
  readonly accessTechnology: number | null;
}

export function parseOperator(lines: readonly string[]): OperatorReply | null {
  const [fields] = fieldsOf(lines, '+COPS');
  if (!fields || numberOf(fields[0]) === null) return null;
  const operator = textOf(fields[2]);
  const isPlmn = operator !== null && /^\d{5,6}$/.test(operator);
  return {
    plmn: isPlmn ? operator : null,
    name: isPlmn ? null : operator,
    format: numberOf(fields[1]),
    accessTechnology: numberOf(fields[3]),
  };
}
