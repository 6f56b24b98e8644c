import { readFile, writeFile } from 'node:fs/promises';
import { longestHoldMs } from '@towline/agent/testing';
import type { Reference } from '../campaign/enumerate.ts';
import type { TrialSummary } from '../campaign/summary.ts';
import { boundMs, deadlineMs, isHeld } from '../stories/bound.ts';
import { campaignFaults, type FaultClass, type FaultName, faultClasses } from '../trial/fault-classes.ts';
import { isRejection, isWithinBound, secondsOf, type Tally, tallyOf } from './tally.ts';

/** What a campaign found. */
export interface CampaignFinding {
  readonly seed: number;
  readonly references: readonly Reference[];
  readonly summaries: readonly TrialSummary[];
  /** How many trials there were to be. */
  readonly planned: number;
}

const file = new URL('../../../docs/fault-injection.md', import.meta.url);

const told = (seconds: number | null) => (seconds === null ? '' : String(seconds));
const cells = ({ trials, stranded, changed, goneBack, p50Seconds, p95Seconds, slowestSeconds }: Tally) =>
  [trials, changed, goneBack, stranded, told(p50Seconds), told(p95Seconds), told(slowestSeconds)].join(' | ');

const columns = ['trials', 'on the new', 'back', 'stranded', 'p50 s', 'p95 s', 'slowest s'];
const head = (first: string, more: readonly string[] = []) => {
  const all = [...columns, ...more];
  return `| ${[first, ...all].join(' | ')} |\n| --- |${' --: |'.repeat(all.length)}\n`;
};

const verdictOf = (isWithin: boolean | null) => (isWithin === null ? 'none failed' : isWithin ? 'within' : '**beyond**');

function byStory({ references, summaries }: CampaignFinding): string {
  const rows = references.map(({ story, points }) => {
    const own = summaries.filter(({ name }) => name.story === story.name);
    const tally = tallyOf(own);
    const times = `${told(secondsOf(deadlineMs(story)))} | ${told(secondsOf(boundMs(story)))} | ${verdictOf(isWithinBound(story, tally))}`;
    return `| ${story.name} (${story.model}, ${points.length} points) | ${cells(tally)} | ${times} |\n`;
  });
  return head('story', ['deadline s', 'bound s', 'p95']) + rows.join('');
}

function byFault({ summaries }: CampaignFinding): string {
  const rows = campaignFaults.map((name) => {
    const own = summaries.filter(({ injected }) => injected.some(({ fault }) => fault === name));
    return `| ${name} | ${cells(tallyOf(own))} |\n`;
  });
  return head('fault') + rows.join('');
}

const whatOf = (name: FaultName): string => {
  const fault: FaultClass = faultClasses[name];
  return fault.what;
};

const controlPlaneText = `
## The control plane

What is tried here is the gateway. The control plane has its own: at every statement of ticker, ingest and outbox, found by counting those of an
undisturbed run, the process or its connection dies, before the statement and with its answer (\`killed-anywhere.test.ts\`). And rollouts over a
hundred gateways go on while its processes and Postgres are killed and frozen and connections cut; pure checks (\`e2e/src/history\`) judge the log of
devices, operator and audit. The story of a minute is part of \`npm test\`; this is one of an hour, with another order of harm:

    npm run -s build && HISTORY_SECONDS=3600 HISTORY_SEED=7 npm test -w @towline/e2e -- rollout-history

Whether such checks find anything: \`broken-twins.test.ts\` in e2e, and \`npm run mutants -w @towline/control-plane\`.
`;

/** The report of a campaign, which says nothing that another run of the same seed and sources would not. */
export function reportText(finding: CampaignFinding): string {
  const { seed, summaries, planned } = finding;
  const all = tallyOf(summaries);
  const rejected = tallyOf(summaries.filter(isRejection));
  const held = finding.references.filter(({ story }) => isHeld(story)).map(({ story }) => `\`${story.name}\``);
  return `# Fault injection

\`npm run faults\` wrote this page, with seed ${seed}. It runs the real agent in a simulated world: a modem with its AT, QMI and MBIM sides, a kernel's
network, a flash that loses what was not synced, an operator's packet core, a control plane, one clock. First each story runs undisturbed and every
call that the agent makes is counted; then it runs again and again, each time with a fault at another of these points, or with two to five.

A gateway counts as well once it stands for a minute on what was confirmed or on what it may go back to, the operator's core has seen a message of it
reach the control plane over that very bearer, and the control plane's record says the same. What the agent itself says is not asked.

**${all.faults} faults in ${all.trials} trials${all.trials < planned ? ` of the ${planned} that a whole run has` : ''}; ${all.stranded} gateways stranded.** Of a change that failed, out of reach
at a stretch: p95 ${told(all.p95Seconds)} s; where the network refused with a cause, p95 ${told(rejected.p95Seconds)} s.

Trials with fewer faults than were planned, because the change was over before a point was reached or a fault was not due there: ${all.curtailed}.
A whole run in which no trial had one of the faults below fails.

Out of reach is a gateway from the first command that cuts its link to the next message of it that reaches the control plane, without the time in
which a fault lasts; of a trial in which this happens several times, the longest counts.

## By story

${byStory(finding)}
The bound of a story is the deadline of its change and three minutes for the way back. In ${held.join(' and ')} others answer over
the new bearer, the control plane does not, and it may only be away: by design such a change is held for up to ${told(secondsOf(longestHoldMs))} s beyond its
deadline, so that its bound is as much later; and it is tried again, after a pause in which the gateway is reached over its known good.

## By fault

A trial with several faults counts under each.

${byFault(finding)}
## What the faults are

${campaignFaults.map((name) => `- \`${name}\`: ${whatOf(name)}.`).join('\n')}

## An hour's outage

A wave of gateways, each at another point of its change when the control plane goes away for an hour. None may report that it gave the change up, and each
has to end on what was ordered; one that could prove nothing meanwhile stands on its known good and tries again. The last line counts them:

    npm run faults -- --outage 1000

## To repeat one

A trial that strands a gateway is told with the command that repeats it, with as few faults as it takes:

    npm run faults -- --story apn --seed 1 --class power-cut --point 'publish announce #1' --log
${controlPlaneText}`;
}

/** What follows this in the page is the lab's own. */
const labHeading = '## In the lab';

/** The report in place of the one in this page, with what the lab wrote there. */
export function withReport(page: string, report: string): string {
  const [, lab] = page.split(labHeading);
  return lab === undefined ? report : `${report}\n${labHeading}${lab}`;
}

export async function writeReport(finding: CampaignFinding): Promise<void> {
  await writeFile(file, withReport(await readFile(file, 'utf8'), reportText(finding)));
}
