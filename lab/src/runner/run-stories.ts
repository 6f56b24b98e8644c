import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Fault, faultText } from '@towline/kit';
import { createGateway } from '../gateway/gateway.ts';
import { openSite, type Site } from '../gateway/site.ts';
import { type BootedGuest, bootGuest } from '../guest/boot-guest.ts';
import { patience } from '../patience.ts';
import { places } from '../places.ts';
import type { Prepared } from '../prepare/prepare.ts';
import type { Story } from '../stories/story.ts';
import { writeAftermath } from './aftermath.ts';
import { byFamily, type StoryResult, seconds } from './story-result.ts';

export interface RunOptions {
  readonly prepared: Prepared;
  readonly print: (line: string) => void;
  /** Hears of each story as it ends. */
  readonly onResult: (result: StoryResult) => void;
}

type RunAt = RunOptions & { readonly site: Site };

/** Fails when a story outlives its bound: what hangs is ended with its guest. */
function within(promise: Promise<void>, story: Story): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  // Waits of the story stretch with the load of the machine; its own bound is only for what hangs.
  const boundMs = 2 * patience(story.boundMs);
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Fault('story.late', `not done after ${boundMs / 1000} s`)), boundMs);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Runs one story in a guest that stands ready. */
async function tell(story: Story, guest: BootedGuest, { site, print }: RunAt): Promise<StoryResult> {
  const directory = join(places.logs, story.name);
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const startMs = performance.now();
  const before = guest.kernelLog().length;
  const log: string[] = [];
  const say = (text: string) => {
    log.push(`${seconds(performance.now() - startMs).toFixed(1)} s  ${text}`);
    print(`    ${story.name}  ${log.at(-1)}`);
  };
  const gateway = createGateway(guest, site.core);
  const taken = () => seconds(performance.now() - startMs);
  try {
    const told = story.run({ name: story.name, gateway, site, say, directory }).then(() => gateway.clear());
    await within(told, story);
    rmSync(directory, { recursive: true, force: true });
    return { name: story.name, outcome: 'passed', seconds: taken() };
  } catch (error) {
    const reason = faultText(error);
    writeFileSync(join(directory, 'story.log'), [...log, reason, error instanceof Error ? error.stack : ''].join('\n'));
    writeFileSync(join(directory, 'kernel.log'), guest.kernelLog().slice(before));
    await writeAftermath(guest, site, directory);
    await gateway.abandon();
    return { name: story.name, outcome: 'failed', seconds: taken(), reason, directory };
  }
}

const outcomeText = ({ name, outcome, seconds: taken, reason }: StoryResult) =>
  `    ${name}  ${outcome} after ${taken} s${reason === undefined ? '' : `: ${reason}`}`;

const logsOf = (family: string) => join(places.logs, `guest-${family}`);

/** A guest that stands ready; the result of the story that asked for it where none came up. */
async function boot({ name, family }: Story, { prepared }: RunAt): Promise<BootedGuest | StoryResult> {
  const startMs = performance.now();
  const directory = logsOf(family);
  try {
    return await bootGuest({ prepared, kernelLog: join(directory, 'kernel.log') });
  } catch (error) {
    return { name, outcome: 'failed', seconds: seconds(performance.now() - startMs), reason: faultText(error), directory };
  }
}

/** The stories of one family in one guest; one that failed leaves its guest in an unknown state, and the next gets another. */
async function runFamily(stories: readonly Story[], at: RunAt): Promise<void> {
  let guest: BootedGuest | null = null;
  for (const story of stories) {
    at.print(`  ${story.name}: ${story.sentence}`);
    const booted: BootedGuest | StoryResult = guest ?? (await boot(story, at));
    guest = 'outcome' in booted ? null : booted;
    const result: StoryResult = 'outcome' in booted ? booted : await tell(story, booted, at);
    at.print(outcomeText(result));
    at.onResult(result);
    if (result.outcome === 'passed') continue;
    await guest?.stop();
    guest = null;
  }
  await guest?.stop();
}

/** Runs stories, one family's guest after the other. */
export async function runStories(stories: readonly Story[], options: RunOptions): Promise<void> {
  const site = await openSite();
  for (const told of byFamily(stories).values()) await runFamily(told, { ...options, site });
  await site.close();
}
