import { Fault } from '@towline/kit';
import type { Reading } from '../failure.ts';
import { type AtArgument, encodeArgument } from './at-argument.ts';

const built: unique symbol = Symbol('AtCommand');

/** A command line that the encoder built: whatever reaches a modem is one of these. */
export interface AtCommand {
  readonly [built]: true;
  /** As it goes to the modem, without the final carriage return. May hold secrets: never log it. */
  readonly text: string;
  /** The same with `***` in the place of secrets. */
  readonly redacted: string;
  /** Prefix of its information lines (`+CSQ`), empty where the reply has none (`ATI`). */
  readonly prefix: string;
  /** Ends with CONNECT or one of NO CARRIER, BUSY, NO ANSWER, NO DIALTONE rather than OK. */
  readonly dials: boolean;
  /** Takes the secrets of this command out of a line that a modem echoed. */
  redact(line: string): string;
}

/** V.250 promises 40 characters; the shortest buffer known of these modems holds 512. */
const maxCommandLength = 512;

interface Parts {
  readonly text: string;
  readonly redacted: string;
  readonly prefix: string;
  readonly secrets: readonly string[];
}

function seal(parts: Parts): AtCommand {
  return {
    [built]: true,
    text: parts.text,
    redacted: parts.redacted,
    prefix: parts.prefix,
    // Qualcomm's network call answers NO CARRIER as a voice call would.
    dials: parts.text.startsWith('ATD') || parts.prefix === '$QCRMCALL',
    redact: (line) => parts.secrets.reduce((shown, secret) => shown.replaceAll(secret, '***'), line),
  };
}

/** `+CSQ` of `AT+CSQ?`; the V.250 basic commands have none. */
function prefixOf(text: string): string {
  return /^AT([+^!#$%*][A-Z0-9]+)/.exec(text)?.[1] ?? '';
}

/**
 * A command without variable parts, written out in the source.
 * @throws Fault `at.malformed-literal` for anything but printable ASCII that begins with `AT`.
 */
export function atCommand(text: string): AtCommand {
  if (!/^AT[\x20-\x7e]*$/.test(text) || text.length > maxCommandLength) {
    throw new Fault('at.malformed-literal', 'a literal command is printable ASCII and begins with AT');
  }
  return seal({ text, redacted: text, prefix: prefixOf(text), secrets: [] });
}

/**
 * `AT<name>=<arguments>`. The arguments are checked here and nowhere else; one that is refused gives `value.refused`
 * with the argument's label, never its value.
 * @param name with its leading sign, `+CGDCONT`; written out in the source.
 */
export function atSet(name: string, ...values: readonly AtArgument[]): Reading<AtCommand> {
  if (!/^[+^!#$%*][A-Z0-9]+$/.test(name)) throw new Fault('at.malformed-literal', 'a command name is a sign and capitals');
  const texts: string[] = [];
  const shown: string[] = [];
  const secrets: string[] = [];
  for (const value of values) {
    const encoded = encodeArgument(value);
    if (encoded === null) return refused(`${name}: ${value.kind} is not allowed in a command`);
    texts.push(encoded.text);
    shown.push(encoded.secret ? '"***"' : encoded.text);
    if (encoded.secret && encoded.secret.length > 0) secrets.push(encoded.secret);
  }
  const text = `AT${name}=${texts.join(',')}`;
  if (text.length > maxCommandLength) return refused(`${name}: longer than ${maxCommandLength} characters`);
  const redacted = `AT${name}=${shown.join(',')}`;
  return { ok: true, value: seal({ text, redacted, prefix: name, secrets }) };
}

/** `ATD*99***<contextId>#`: the packet dial string of 3GPP TS 27.007 clause 10.2.1. */
export function atDial(contextId: number): Reading<AtCommand> {
  const encoded = encodeArgument({ kind: 'number', value: contextId, min: 1, max: 16 });
  if (encoded === null) return refused('ATD: the context is not 1 to 16');
  const text = `ATD*99***${encoded.text}#`;
  return { ok: true, value: seal({ text, redacted: text, prefix: '', secrets: [] }) };
}

function refused(why: string): Reading<AtCommand> {
  return { ok: false, failure: { code: 'value.refused', evidence: [why] } };
}
