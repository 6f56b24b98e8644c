import type { RadioAccessDialect } from '../../models/radio-access.schema.ts';
import { fieldsOf, textOf } from './fields.ts';

type Parse = (lines: readonly string[], setting: string) => string | null;

/** `+QCFG: "nwscanmode",3` and `+QNWPREFCFG: "mode_pref",LTE`. */
function named(command: string): Parse {
  return (lines, setting) => {
    const fields = fieldsOf(lines, command).find((candidate) => candidate[0]?.text.toLowerCase() === setting);
    return textOf(fields?.[1]);
  };
}

/** `!SELRAT: 06, LTE Only` and `+CNMP: 38`. */
function nameless(command: string): Parse {
  return (lines) => textOf(fieldsOf(lines, command)[0]?.[0]);
}

/** The modem's own code of one setting of its radio technologies. */
export const radioAccessParsers: Readonly<Record<RadioAccessDialect, Parse>> = {
  qcfg: named('+QCFG'),
  qnwprefcfg: named('+QNWPREFCFG'),
  selrat: nameless('!SELRAT'),
  cnmp: nameless('+CNMP'),
};
