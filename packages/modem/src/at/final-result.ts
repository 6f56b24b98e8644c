/** How a command line ended (V.250 clause 5.7, 3GPP TS 27.007 clause 9, and what modems say beside them). */
export type FinalResult =
  | { readonly kind: 'ok' }
  /** The port now carries data. `speed` is the text after CONNECT, often empty. */
  | { readonly kind: 'connect'; readonly speed: string }
  | { readonly kind: 'error' }
  /** `detail` is a number or, with CMEE=2, a text. */
  | { readonly kind: 'cme' | 'cms'; readonly detail: string }
  | { readonly kind: 'no-carrier' | 'busy' | 'no-answer' | 'no-dialtone' };

// RG801H answers COMMAND NOT SUPPORT; the list of the rest is ModemManager's (src/mm-serial-parsers.c).
const plain: ReadonlyMap<string, FinalResult> = new Map<string, FinalResult>([
  ['OK', { kind: 'ok' }],
  ['ERROR', { kind: 'error' }],
  ['COMMAND NOT SUPPORT', { kind: 'error' }],
  ['MODEM ERROR', { kind: 'error' }],
  ['NA', { kind: 'error' }],
]);

const ofDialling: ReadonlyMap<string, FinalResult> = new Map<string, FinalResult>([
  ['NO CARRIER', { kind: 'no-carrier' }],
  ['BUSY', { kind: 'busy' }],
  ['NO ANSWER', { kind: 'no-answer' }],
  ['NO DIALTONE', { kind: 'no-dialtone' }],
  ['NO DIAL TONE', { kind: 'no-dialtone' }],
]);

/**
 * The final result that a line is, or null. `NO CARRIER` and its kin end a dial command only: while another command
 * is on its way they tell that a link went down.
 */
export function finalResult(line: string, dials: boolean): FinalResult | null {
  const fixed = plain.get(line) ?? (dials ? ofDialling.get(line) : undefined);
  if (fixed) return fixed;
  const extended = /^\+(CME|CMS) ERROR:\s*(.*)$/.exec(line);
  if (extended) return { kind: extended[1] === 'CMS' ? 'cms' : 'cme', detail: extended[2] ?? '' };
  const connect = dials ? /^CONNECT\b\s*(.*)$/.exec(line) : null;
  return connect ? { kind: 'connect', speed: connect[1] ?? '' } : null;
}
