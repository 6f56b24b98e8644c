import { parseArgs } from 'node:util';
import { faultText } from '@towline/kit';
import { clearDeadRuns } from './dead-runs.ts';
import { runLabFaults } from './faults/run-lab-faults.ts';
import { type FaultModem, faultModems } from './faults/setting.ts';
import { tellLabFaults } from './faults/tell-lab-faults.ts';
import { isModemName, modemNames } from './gateway/modem-kinds.ts';
import { isFieldGuideFresh, writeFieldGuide } from './guide/write-field-guide.ts';
import { bringLoopbackUp, onEndAsked, runInside, runPid } from './namespace.ts';
import { type Prepared, prepare } from './prepare/prepare.ts';
import { chooseStories } from './runner/choose-stories.ts';
import { openShell } from './runner/shell.ts';
import { tellInside, tellStories } from './runner/tell-stories.ts';
import { stories } from './stories/index.ts';

const usage = `usage: npm run lab -- list | prepare | guide | shell MODEM | faults COUNT | STORY... | ci | all
  list      the stories, in plain sentences
  prepare   fetch and unpack what guests boot from
  guide     writes docs/field-guide.md; with --check, says whether it is fresh
  shell     a shell in a gateway with that modem: ${modemNames.join(', ')}
  faults    changes gateways again and again with faults at points of the change, so many faults in all, in a lane for each modem;
            with --seed N others, with --minutes N begins none after that, with --resume goes on from what is there, with --record
            docs/fault-injection.md tells of it
  STORY     runs it; a family's name (bg96) runs its stories, 'online-*' those that begin so,
            'ci' what CI runs, 'all' everything
  --lanes N     so many guests at once, 1 without it
  --record      of stories, keeps the results in lab/results.json and in the field guide; 'all' always does
`;

const options = {
  help: { type: 'boolean', short: 'h' },
  check: { type: 'boolean' },
  record: { type: 'boolean' },
  lanes: { type: 'string' },
  seed: { type: 'string' },
  minutes: { type: 'string' },
  resume: { type: 'boolean' },
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

interface Options {
  readonly record?: boolean;
  readonly lanes?: string;
  readonly seed?: string;
  readonly minutes?: string;
  readonly resume?: boolean;
}

const isCount = (word: string) => /^[1-9]\d{0,8}$/.test(word);

async function faults(words: readonly string[], options: Options): Promise<number> {
  const { record = false, seed = '1', minutes = '600', resume = false } = options;
  const [count = '', ...rest] = words;
  if (rest.length > 0 || ![count, seed, minutes].every(isCount)) return wrong('faults takes a COUNT');
  const prepared = await prepare(say);
  const numbers = { count: Number(count), seed: Number(seed), minutes: Number(minutes) };
  return (await tellLabFaults({ prepared, ...numbers, resumes: resume, isRecorded: record, print })) ? 0 : 1;
}

/** What needs a guest, from outside. */
async function begin(words: readonly string[], options: Options): Promise<number> {
  clearDeadRuns();
  const { record = false, lanes = '1' } = options;
  const [verb, modem = ''] = words;
  if (verb === 'shell' && !isModemName(modem)) return wrong(`no such modem: ${modem}`);
  if (verb === 'faults') return faults(words.slice(1), options);
  const chosen = verb === 'shell' || verb === 'prepare' ? [] : chooseStories(stories, words);
  if (chosen === null) return wrong(`no such story: ${words.join(' ')}`);
  const count = Number(lanes);
  if (!Number.isInteger(count) || count < 1 || count > 5) return wrong('--lanes takes 1 to 5');
  const prepared = await prepare(say);
  if (verb === 'prepare') return 0;
  if (verb === 'shell') return runInside(words);
  return (await tellStories(chosen, { prepared, lanes: count, isRecorded: record || verb === 'all', print })) ? 0 : 1;
}

async function faultLane([name, ...numbers]: readonly string[], prepared: Prepared): Promise<void> {
  const modem: FaultModem | undefined = faultModems.find((one) => one === name);
  const [count = 0, seed = 0, minutes = 0] = numbers.map(Number);
  if (modem) await runLabFaults({ prepared, modem, count, seed, forMs: minutes * 60_000, print });
}

/** What `begin` runs again in namespaces of its own. */
async function goOn([verb, ...names]: readonly string[]): Promise<number> {
  // The process namespace ends with us, and the guest with it.
  onEndAsked(() => process.exit(130));
  bringLoopbackUp();
  const [modem = ''] = names;
  if (verb === 'faults') await faultLane(names, await prepare(say));
  else if (verb === 'shell' && isModemName(modem)) await openShell(modem, await prepare(say));
  else await tellInside(chooseStories(stories, names) ?? [], { prepared: await prepare(say), print });
  return 0;
}

async function main(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true });
  const [verb] = positionals;
  if (runPid() !== null) return goOn(positionals);
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
