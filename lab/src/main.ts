import { parseArgs } from 'node:util';
import { faultText } from '@towline/kit';
import { runLabFaults } from './faults/run-lab-faults.ts';
import { isModemName, modemNames } from './gateway/modem-kinds.ts';
import { isFieldGuideFresh, writeFieldGuide } from './guide/write-field-guide.ts';
import { bringLoopbackUp, isInside, onEndAsked, runInside } from './namespace.ts';
import { type Prepared, prepare } from './prepare/prepare.ts';
import { chooseStories } from './runner/choose-stories.ts';
import { openShell } from './runner/shell.ts';
import { tellInside, tellStories } from './runner/tell-stories.ts';
import { stories } from './stories/index.ts';

const usage = `usage: npm run lab -- list | prepare | guide | shell MODEM | faults COUNT SEED | STORY... | ci | all
  list      the stories, in plain sentences
  prepare   fetch and unpack what guests boot from
  guide     writes docs/field-guide.md; with --check, says whether it is fresh
  shell     a shell in a gateway with that modem: ${modemNames.join(', ')}
  faults    changes a gateway's access point so many times, each time with a fault
  STORY     runs it; a family's name (bg96) runs its stories, 'online-*' those that begin so,
            'ci' what CI runs, 'all' everything
  --lanes N     so many guests at once, 1 without it
  --record      keeps the results in lab/results.json and in the field guide; 'all' always does
`;

const options = {
  help: { type: 'boolean', short: 'h' },
  check: { type: 'boolean' },
  record: { type: 'boolean' },
  lanes: { type: 'string' },
} as const;
const print = (line: string) => console.log(line);
const say = (text: string) => print(`lab: ${text}`);

function wrong(problem: string): number {
  process.stderr.write(`${problem}\n${usage}`);
  return 2;
}

function list(): number {
  for (const { name, sentence } of stories) print(`${name}\n    ${sentence}`);
  print(JSON.stringify({ stories: stories.length }));
  return 0;
}

function guide(isCheck: boolean): number {
  if (!isCheck) writeFieldGuide();
  if (isFieldGuideFresh()) return 0;
  process.stderr.write('docs/field-guide.md is stale: npm run generate -w @towline/lab\n');
  return 1;
}

/** What needs a guest, from outside. */
async function begin(words: readonly string[], { record = false, lanes = '1' }: { record?: boolean; lanes?: string }): Promise<number> {
  const [verb, modem = ''] = words;
  if (verb === 'shell' && !isModemName(modem)) return wrong(`no such modem: ${modem}`);
  if (verb === 'faults') {
    if (words.length !== 3 || !words.slice(1).every((word) => /^[1-9]\d{0,5}$/.test(word))) return wrong('faults takes a COUNT and a SEED');
    await prepare(say);
    return runInside(words);
  }
  const chosen = verb === 'shell' || verb === 'prepare' ? [] : chooseStories(stories, words);
  if (chosen === null) return wrong(`no such story: ${words.join(' ')}`);
  const count = Number(lanes);
  if (!Number.isInteger(count) || count < 1 || count > 5) return wrong('--lanes takes 1 to 5');
  const prepared = await prepare(say);
  if (verb === 'prepare') return 0;
  if (verb === 'shell') return runInside(words);
  return (await tellStories(chosen, { prepared, lanes: count, isRecorded: record || verb === 'all', print })) ? 0 : 1;
}

async function faults(prepared: Prepared, { count, seed }: { readonly count: number; readonly seed: number }): Promise<number> {
  const results = await runLabFaults({ prepared, count, seed, print });
  const stranded = results.filter(({ outcome }) => outcome === 'stranded').length;
  const times = results.flatMap(({ outcome, seconds }) => (outcome === 'gone-back' ? [seconds] : [])).toSorted((one, other) => one - other);
  print(JSON.stringify({ faults: results.length, stranded, p95Seconds: times[Math.ceil(0.95 * times.length) - 1] ?? null }));
  return stranded === 0 ? 0 : 1;
}

/** What `begin` runs again in namespaces of its own. */
async function goOn([verb, ...names]: readonly string[]): Promise<number> {
  // The process namespace ends with us, and the guest with it.
  onEndAsked(() => process.exit(130));
  bringLoopbackUp();
  const [modem = '', seed = '1'] = names;
  if (verb === 'faults') return faults(await prepare(say), { count: Number(modem), seed: Number(seed) });
  if (verb === 'shell' && isModemName(modem)) await openShell(modem, await prepare(say));
  else await tellInside(chooseStories(stories, names) ?? [], { prepared: await prepare(say), print });
  return 0;
}

async function main(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true });
  const [verb] = positionals;
  if (isInside()) return goOn(positionals);
  if (values.help) {
    print(usage);
    return 0;
  }
  if (verb === undefined) return wrong('what shall the lab do?');
  if (verb === 'list') return list();
  if (verb === 'guide') return guide(values.check ?? false);
  return begin(positionals, values);
}

process.exit(
  await main(process.argv.slice(2)).catch((error: unknown) => {
    console.error(`lab: ${faultText(error)}`);
    return 1;
  }),
);
