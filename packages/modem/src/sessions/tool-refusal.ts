import type { FailureCode } from '../failure.ts';

/** What qmicli and mbimcli themselves say when the modem said nothing (libqmi 1.32, libmbim 1.28). */
const toolTexts: readonly { readonly text: RegExp; readonly code: FailureCode }[] = [
  { text: /timed? ?out/i, code: 'control.timeout' },
  { text: /couldn't parse input string/i, code: 'value.refused' },
  { text: /permission denied|not permitted/i, code: 'host.not-permitted' },
  { text: /device or resource busy/i, code: 'control.in-use' },
  {
    text: /couldn't (create|open) (the )?(Qmi|Mbim)Device|no such (file|device)|closed|disconnected|removed|input\/output error/i,
    code: 'control.port-closed',
  },
];

/** Why a tool could not do its work at all. */
export function refusalOfTool(text: string): FailureCode {
  // Only what the tool calls an error: its last words are `Session not closed`, whatever happened.
  const errors = text.split('\n').filter((line) => line.trim().startsWith('error:'));
  return toolTexts.find((known) => errors.some((error) => known.text.test(error)))?.code ?? 'control.unparsable';
}
