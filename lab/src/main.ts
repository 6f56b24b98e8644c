import { faultText } from '@towline/kit';
import { isModemName, modemNames } from './gateway/modem-kinds.ts';
import { recordResults } from './guide/recorded-results.ts';
import { isFieldGuideFresh, writeFieldGuide } from './guide/write-field-guide.ts';
import { bringLoopbackUp, isInside, onEndAsked, runInside } from './namespace.ts';
import { prepare } from './prepare/prepare.ts';
import { chooseStories } from './runner/choose-stories.ts';
import { runStories } from './runner/run-stories.ts';
import { openShell } from './runner/shell.ts';
import { stories } from './stories/index.ts';
import type { Story } from './stories/story.ts';

const usage = `usage: npm run lab -- list | prepare | guide | shell MODEM | STORY... [--record] | all
  list      the stories, in plain sentences
  prepare   fetch and unpack what guests boot from
  shell     a shell in a gateway with that modem: ${modemNames.join(', ')}
  guide     writes docs/field-guide.md; with --check, says whether it is fresh
  STORY     runs it; a family's name (bg96) runs its stories, 'online-*' those that begin so.
            'all' and --record keep the results in lab/results.json and in the field guide
`;

const print = (line: string) => console.log(line);
const say = (text: string) => print(`lab: ${text}`);

function list(): number {
  for (const { name, sentence } of stories) print(`${name}\n    ${sentence}`);
  print(JSON.stringify({ stories: stories.length }));
  return 0;
}

async function tellAll(chosen: readonly Story[], isRecorded: boolean): Promise<number> {
  const startMs = performance.now();
  // The process namespace ends with us, and the guest with it.
  onEndAsked(() => process.exit(130));
  const prepared = await prepare(say);
  const results = await runStories(chosen, { prepared, print });
  if (isRecorded) {
    recordResults(results, { day: new Date().toISOString().slice(0, 10), kernel: prepared.kernel.release });
    writeFieldGuide();
  }
  const failed = results.filter(({ outcome }) => outcome === 'failed');
  const seconds = Math.round((performance.now() - startMs) / 100) / 10;
  print(JSON.stringify({ passed: results.length - failed.length, failed: failed.map(({ name }) => name), seconds, stories: results }));
  return failed.length === 0 && results.length === chosen.length ? 0 : 1;
}

async function shell(modem: string): Promise<number> {
  if (!isModemName(modem)) return wrong(`no such modem: ${modem}`);
  onEndAsked(() => process.exit(130));
  await openShell(modem, await prepare(say));
  return 0;
}

function wrong(problem: string): number {
  process.stderr.write(`${problem}\n${usage}`);
  return 2;
}

function guide(isCheck: boolean): number {
  if (!isCheck) writeFieldGuide();
  if (isFieldGuideFresh()) return 0;
  process.stderr.write('docs/field-guide.md is stale: npm run generate -w @towline/lab\n');
  return 1;
}

async function main(words: readonly string[]): Promise<number> {
  const argv = words.filter((word) => !word.startsWith('--'));
  const [verb, modem = ''] = argv;
  if (verb === undefined) return wrong('what shall the lab do?');
  if (verb === 'list') return list();
  if (verb === 'guide') return guide(words.includes('--check'));
  const chosen = verb === 'shell' || verb === 'prepare' ? [] : chooseStories(stories, argv);
  if (chosen === null) return wrong(`no such story: ${argv.join(' ')}`);
  if (verb === 'shell' && !isModemName(modem)) return wrong(`no such modem: ${modem}`);
  if (!isInside()) {
    await prepare(say);
    return verb === 'prepare' ? 0 : runInside(words);
  }
  bringLoopbackUp();
  return verb === 'shell' ? shell(modem) : tellAll(chosen, words.includes('--record') || verb === 'all');
}

process.exit(
  await main(process.argv.slice(2)).catch((error: unknown) => {
    console.error(`lab: ${faultText(error)}`);
    return 1;
  }),
);
