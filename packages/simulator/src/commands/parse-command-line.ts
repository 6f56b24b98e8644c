import type { Command } from './command.ts';

const sigils = '+$!#^*%&\\';

/** Index of the next `sign` outside quotes, or the text's length. */
function unquoted(text: string, sign: string, from: number): number {
  let quoted = false;
  for (let index = from; index < text.length; index += 1) {
    if (text[index] === '"') quoted = !quoted;
    else if (text[index] === sign && !quoted) return index;
  }
  return text.length;
}

function splitArguments(text: string): readonly string[] {
  const args: string[] = [];
  for (let from = 0; from <= text.length; ) {
    const end = unquoted(text, ',', from);
    args.push(text.slice(from, end).trim().replaceAll('"', ''));
    from = end + 1;
  }
  return args;
}

function extended(text: string): Command {
  const match = /^([^=?]+)(.*)$/.exec(text);
  const name = (match?.[1] ?? text).trim().toUpperCase();
  const tail = match?.[2] ?? '';
  if (tail === '') return { name, form: 'run', args: [] };
  if (tail.startsWith('?')) return { name, form: 'read', args: [] };
  if (tail.startsWith('=?')) return { name, form: 'test', args: [] };
  return { name, form: 'set', args: splitArguments(tail.slice(1)) };
}

/** `E0`, `&F`, `S0=0`, `I`: a letter and its number. */
const basicPattern = /^(&?[A-Za-z])(\d*)(=\d*|\?)?/;

interface Cut {
  readonly command: Command;
  readonly rest: string;
}

function cutFirst(text: string): Cut | null {
  const first = text[0] ?? '';
  // V.250 clause 6.3.1: a dial string is the rest of the line.
  if (/^d/i.test(text)) return { command: { name: 'D', form: 'run', args: [text.slice(1).trim()] }, rest: '' };
  if (sigils.includes(first) && !/^&[A-Za-z]/.test(text)) {
    const end = unquoted(text, ';', 0);
    return { command: extended(text.slice(0, end)), rest: text.slice(end + 1) };
  }
  const match = basicPattern.exec(text);
  if (!match) return null;
  const [whole, letter = '', digits = ''] = match;
  return { command: { name: letter.toUpperCase(), form: 'run', args: [digits] }, rest: text.slice(whole.length) };
}

function parse(line: string): readonly Command[] | null {
  const text = line.trim();
  if (!/^at/i.test(text)) return null;
  const commands: Command[] = [];
  let rest = text.slice(2).replace(/^[\s;]+/, '');
  while (rest !== '') {
    const cut = cutFirst(rest);
    if (!cut) return null;
    commands.push(cut.command);
    rest = cut.rest.replace(/^[\s;]+/, '');
  }
  return commands;
}

/** Thousands of modems in one process are told the same few lines. */
const known = new Map<string, readonly Command[] | null>();
const mostKnown = 1_000;

/** The commands of one line, or null when the line is none (it does not begin with AT, or has a syntax error). */
export function parseCommandLine(line: string): readonly Command[] | null {
  const before = known.get(line);
  if (before !== undefined) return before;
  if (known.size >= mostKnown) known.clear();
  const commands = parse(line);
  known.set(line, commands);
  return commands;
}
