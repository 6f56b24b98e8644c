import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { faultText } from '@towline/kit';
import { campaignOf, type Reference, sampleOf } from './campaign/enumerate.ts';
import { outageWave, untrueToTheWave } from './campaign/outage.ts';
import { runTrials } from './campaign/run-campaign.ts';
import { shrink } from './campaign/shrink.ts';
import type { TrialSummary } from './campaign/summary.ts';
import { commandOf, injectionsOf, planOf, type TrialName } from './campaign/trial-name.ts';
import { beyondBound, isRejection, neverInjected, tallyOf } from './report/tally.ts';
import { writeReport } from './report/write-report.ts';
import { stories } from './stories/story.ts';
import { campaignFaults } from './trial/fault-classes.ts';
import { runTrial } from './trial/trial.ts';

const usage = `usage: npm run faults [-- OPTIONS]
  --seed N             of the campaign, or of the one trial (1)
  --count N            how many faults at least, of the whole campaign (10400)
  --sample N           only so many trials, taken evenly; writes no report
  --minutes N          begins no trial after so long (600)
  --story S            one story only
  --class X --point P  repeats one trial with these faults, each at a point by index or name; may be given several times
  --log                with it: the agent's log, on the simulated clock
  --threads N          (all there are)
  --outage N           a wave of so many gateways instead, in the middle of which the control plane is away for an hour
  --lab N              so many faults on a real kernel with real drivers and tools instead; needs what npm run lab needs
  --resume, --record   with it: goes on from where the last run was broken off; tells of it in docs/fault-injection.md
`;

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '10400' },
    sample: { type: 'string' },
    minutes: { type: 'string', default: '600' },
    story: { type: 'string' },
    class: { type: 'string', multiple: true, default: [] },
    point: { type: 'string', multiple: true, default: [] },
    threads: { type: 'string', default: String(availableParallelism()) },
    outage: { type: 'string' },
    lab: { type: 'string' },
    resume: { type: 'boolean', default: false },
    record: { type: 'boolean', default: false },
    log: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const print = (line: string) => void process.stdout.write(`${line}\n`);

async function repeatOne(name: TrialName): Promise<number> {
  const result = await runTrial(planOf(name), values.log ? print : undefined);
  const again = await runTrial(planOf(name));
  for (const { fault, point } of result.injected) print(`${fault} at: ${point}`);
  const isWhole = result.injected.length === name.faults.length;
  print(
    JSON.stringify({
      ...name,
      isWhole,
      isWell: result.isWell,
      ...result.finding,
      outOfReachMs: result.outOfReachMs,
      hash: result.hash,
      repeats: again.hash === result.hash,
    }),
  );
  return isWhole && result.isWell && again.hash === result.hash ? 0 : 1;
}

async function references(seed: number): Promise<readonly Reference[]> {
  const chosen = stories.filter(({ name }) => values.story === undefined || name === values.story);
  const found: Reference[] = [];
  for (const story of chosen) {
    const { points, isWell } = await runTrial({ story, seed, faults: [] });
    if (!isWell) throw new Error(`${story.name} goes wrong without any fault: ${commandOf({ story: story.name, seed, faults: [] })}`);
    found.push({ story, seed, points });
  }
  return found;
}

async function tellStranded({ name, on, record, injected }: TrialSummary): Promise<void> {
  const goesWrong = async (faults: TrialName['faults']) => !(await runTrial(planOf({ ...name, faults }))).isWell;
  const faults = injected.map(({ fault, point }) => ({ fault, at: point }));
  const fewest = { ...name, faults: await shrink(faults, goesWrong) };
  print(`STRANDED on ${on}, the record says ${record}: ${injected.map(({ fault, point }) => `${fault} at ${point}`).join('; ')}`);
  print(`  ${commandOf(fewest)} --log`);
}

/** As many as a person reads. */
const maxTold = 20;

async function campaign(seed: number, count: number): Promise<number> {
  const found = await references(seed);
  const whole = campaignOf(found, { seed, count });
  const trials = values.sample === undefined ? whole : sampleOf(whole, Number(values.sample));
  const summaries: TrialSummary[] = [];
  const onResult = (summary: TrialSummary) => {
    summaries.push(summary);
    if (!summary.isWell) print(`stranded, to be shrunk: ${commandOf(summary.name)}`);
    if (summaries.length % 500 === 0) print(`${summaries.length} of ${trials.length}`);
  };
  await runTrials(trials, { threads: Number(values.threads), forMs: Number(values.minutes) * 60_000, onResult });
  const stranded = summaries.filter(({ isWell }) => !isWell);
  for (const one of stranded.slice(0, maxTold)) await tellStranded(one);
  const { faults, curtailed, p95Seconds } = tallyOf(summaries);
  const isOfAll = values.story === undefined && values.sample === undefined;
  if (isOfAll) await writeReport({ seed, references: found, summaries, planned: trials.length });
  const untried = isOfAll && summaries.length === trials.length ? neverInjected(campaignFaults, summaries) : [];
  for (const name of untried) print(`NEVER INJECTED: ${name}`);
  const rejected = tallyOf(summaries.filter(isRejection));
  const beyond = beyondBound(stories, summaries).map(({ name }) => name);
  for (const name of beyond) print(`BEYOND its bound: ${name}`);
  const counts = { faults, stranded: stranded.length, p95Seconds, trials: summaries.length, curtailed };
  print(JSON.stringify({ ...counts, p95RejectedSeconds: rejected.p95Seconds, beyondBound: beyond, neverInjected: untried }));
  return stranded.length === 0 && beyond.length === 0 && untried.length === 0 ? 0 : 1;
}

/** An hour's outage of the control plane in the middle of a wave: nobody may give up because of it. */
async function outage(seed: number, gateways: number): Promise<number> {
  const summaries: TrialSummary[] = [];
  const wave = outageWave(await references(seed), gateways);
  const onResult = (summary: TrialSummary) => void summaries.push(summary);
  await runTrials(wave, { threads: Number(values.threads), forMs: Number(values.minutes) * 60_000, onResult });
  const untrue = untrueToTheWave(summaries);
  for (const { name, on, reverts, injected } of untrue.slice(0, maxTold))
    print(`on ${on}, reverted ${reverts} times, ${injected.length} faults: ${commandOf(name)} --log`);
  const reverted = summaries.filter(({ reverts }) => reverts > 0).length;
  print(JSON.stringify({ gateways: summaries.length, reverted, applied: summaries.length - untrue.length }));
  return untrue.length === 0 ? 0 : 1;
}

const labProgram = fileURLToPath(new URL('../../lab/dist/main.js', import.meta.url));

/** The lab is a program of its own, in namespaces of its own. */
function inLab(count: string, seed: string): Promise<number> {
  const flags = [...(values.resume ? ['--resume'] : []), ...(values.record ? ['--record'] : [])];
  const lab = spawn(process.execPath, [labProgram, 'faults', count, '--seed', seed, '--minutes', values.minutes, ...flags], {
    stdio: 'inherit',
  });
  return new Promise((resolve, reject) => {
    lab.once('error', reject);
    lab.once('exit', (code) => resolve(code ?? 1));
  });
}

async function main(): Promise<number> {
  if (values.help) {
    print(usage);
    return 0;
  }
  if (values.lab !== undefined) return inLab(values.lab, values.seed);
  const seed = Number(values.seed);
  if (values.outage !== undefined) return outage(seed, Number(values.outage));
  const faults = injectionsOf(values.class, values.point);
  if (faults.length > 0) return repeatOne({ story: values.story ?? 'apn', seed, faults });
  return campaign(seed, Number(values.count));
}

process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(`${faultText(error)}\n\n${usage}`);
  return 2;
});
