import type { ModemNotice } from './driver.ts';

interface NoticeRule {
  readonly line: RegExp;
  readonly notice: (line: string) => ModemNotice;
}

const bearerDown = (evidence: string): ModemNotice => ({ kind: 'bearer-down', evidence });

/** Unsolicited lines that change what is known (3GPP TS 27.007 clause 10.1.19 for CGEV; the rest are the makers'). */
const rules: readonly NoticeRule[] = [
  { line: /^\+(C|CG|CE|C5G)REG:/, notice: () => ({ kind: 'registration' }) },
  { line: /^NO CARRIER$/, notice: bearerDown },
  { line: /^\+CGEV: (NW |ME )?(PDN )?(DEACT|DETACH)/, notice: bearerDown },
  { line: /^\+QNETDEVSTATUS: ?(0|\d+, ?0)/, notice: bearerDown },
  { line: /^\^NDISSTAT: ?0/, notice: bearerDown },
  { line: /^(\+CPIN|\+QUSIM|\+QSIMSTAT|\+SIMCARD|\^SIMST|#QSS):/, notice: () => ({ kind: 'sim-changed' }) },
  { line: /^\+CMTI:/, notice: () => ({ kind: 'short-message' }) },
  {
    line: /^(RDY|START|\^SYSSTART|POWERED DOWN|NORMAL POWER DOWN)$/,
    notice: (evidence) => ({ kind: 'restarted', evidence }),
  },
];

/** What an unsolicited line says, or null when it changes nothing. */
export function noticeOf(line: string): ModemNotice | null {
  return rules.find((rule) => rule.line.test(line))?.notice(line) ?? null;
}
