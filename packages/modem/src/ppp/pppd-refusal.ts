import type { FailureCode } from '../failure.ts';
import { pppdExits } from '../failures/pppd-failures.ts';
import type { ProcessEnd } from '../ports.ts';
import { notStarted } from '../sessions/host-tool.ts';

/** What chat(8) was waiting for when it gave up; null: it did not. */
function chatWaitedFor(lines: readonly string[]): string | null {
  const alarm = lines.findLastIndex((line) => /^alarm$/.test(line.trim()));
  if (alarm < 0) return null;
  const expects = lines.slice(0, alarm).flatMap((line) => /expect \((.*)\)/.exec(line)?.[1] ?? []);
  return expects.at(-1) ?? null;
}

/** Where the log says more than the exit code. */
const logRules: readonly { readonly exits: readonly number[]; readonly line: RegExp; readonly code: FailureCode }[] = [
  // A tty that is gone is no option either.
  { exits: [2], line: /unrecognized option '\/dev\//, code: 'at.port-closed' },
  { exits: [0, 1, 5, 10, 16], line: /authentication failed|peer refused to authenticate/i, code: 'bearer.auth-failed' },
  // Hanging up afterwards, it may meet the modem's own hang-up, and then that gives the exit code (seen with pppd 2.4.9 on option).
  { exits: [0, 1, 5, 10, 16], line: /LCP: timeout sending Config-Requests/, code: 'ppp.peer-silent' },
  {
    exits: [0, 1, 5, 10, 16],
    line: /IP(V6)?CP: timeout sending Config-Requests|could not determine (local|remote) IP address/i,
    code: 'ppp.negotiation-failed',
  },
  { exits: [0, 1, 5, 15, 16], line: /No response to \d+ echo-requests/, code: 'ppp.peer-dead' },
];

/** What the end of pppd means, with its log, oldest line first. */
export function refusalOfPppd(end: ProcessEnd, lines: readonly string[]): FailureCode {
  if (end.kind === 'not-started') return notStarted(end.reason) ?? 'bearer.no-carrier';
  if (end.kind !== 'exited') return 'bearer.no-carrier';
  const { code } = end;
  // A port that does not even answer AT is not a call that failed.
  if (code === 8 && chatWaitedFor(lines) === 'OK') return 'at.timeout';
  const rule = logRules.find(({ exits, line }) => exits.includes(code) && lines.some((spoken) => line.test(spoken)));
  return rule?.code ?? pppdExits[code] ?? 'bearer.no-carrier';
}
