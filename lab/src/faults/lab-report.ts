import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { percentile } from '@towline/kit';
import { fileSystems } from '../guest/state-disk.ts';
import { places } from '../places.ts';
import { type LabFaultName, labFaultNames, labFaults } from './lab-fault-classes.ts';
import { changeNames, faultModems } from './setting.ts';
import { faultsIn, judgedOf, type LabResult, type LabTrialResult } from './trial-result.ts';

const file = join(places.repository, 'docs', 'fault-injection.md');
/** What comes before is written by the campaign in the simulated world, which leaves what begins here alone. */
const heading = '## In the lab';

const whatOf: Readonly<Record<LabTrialResult['change'], string>> = { apn: 'another access point', mode: 'another data mode' };

/** A line of a table: some of the trials, and how many faults they are there for. */
interface Row {
  readonly name: string;
  readonly trials: readonly LabTrialResult[];
  readonly faults: number;
}

const rowOf = (name: string, trials: readonly LabTrialResult[]): Row => ({ name, trials, faults: faultsIn(trials) });

function cells({ name, trials, faults }: Row): string {
  const of = (outcome: LabTrialResult['outcome']) => trials.filter((trial) => trial.outcome === outcome).length;
  const times = trials.map(({ backS }) => backS);
  const at = (percent: number) => percentile(times, percent) ?? '';
  return [name, trials.length, faults, of('changed'), of('gone-back'), of('stranded'), at(50), at(95), at(100)].join(' | ');
}

const head = (first: string) =>
  `| ${first} | trials | faults | on the new | back | stranded | p50 s | p95 s | slowest s |\n| --- | --: | --: | --: | --: | --: | --: | --: | --: |\n`;

const table = (first: string, rows: readonly Row[]): string => head(first) + rows.map((row) => `| ${cells(row)} |\n`).join('');

function faultRow(name: LabFaultName, all: readonly LabTrialResult[]): Row {
  const countIn = ({ injected }: LabTrialResult) => injected.filter(({ fault }) => fault === name).length;
  const trials = all.filter((trial) => countIn(trial) > 0);
  return { name, trials, faults: trials.reduce((sum, trial) => sum + countIn(trial), 0) };
}

/** What the lab found, as a section. */
export function labReportText(results: readonly LabResult[], kernel: string): string {
  const trials = judgedOf(results);
  const broken = results.filter((result) => result.kind === 'trial').length - trials.length;
  const stories = faultModems.flatMap((modem) =>
    changeNames.map((change) =>
      rowOf(
        `${modem}: ${whatOf[change]}`,
        trials.filter((one) => one.modem === modem && one.change === change),
      ),
    ),
  );
  const byFault = labFaultNames.map((name) => faultRow(name, trials));
  const byFile = fileSystems.map((name) =>
    rowOf(
      name,
      trials.filter(({ fileSystem }) => fileSystem === name),
    ),
  );
  const stranded = trials.filter(({ outcome }) => outcome === 'stranded').length;
  const seeds = [...new Set(trials.map(({ seed }) => seed))].join(', ');
  return `${heading}

\`npm run faults -- --lab N --record\` wrote this part, with seed ${seeds}: Debian's kernel ${kernel} in qemu with its own drivers (option, qmi_wwan, cdc_mbim,
cdc_ether, rndis_host), qmicli, mbimcli and udhcpc, the agent's bundle with its state on a disk, the whole control plane with Postgres. A change that
nothing befell shows the points: each line of the agent's log but what it repeats while it waits, and each change of a file in its state directory.
Then such changes are ordered again and again, each with two to four faults at such points. A fault lasts as long as it says; one whose point comes
meanwhile follows when it is over.

A gateway counts as well once it stands for five seconds on what was ordered or on what it came from, the operator's core has its bearer up and the
broker a session that came by it, and the control plane's record, heard since the last fault, says the same: applied and confirmed, or given up.

**${faultsIn(trials)} faults in ${trials.length} trials; ${stranded} gateways stranded.** Seconds are from the end of the last fault to reachable for good, of an
emulated processor on a busy machine. No bound of the product is shortened: a change has its five minutes. Modems take 4 s to come back to the bus
instead of 15 and 25.${broken > 0 ? ` Trials in which the lab itself failed and which do not count: ${broken}.` : ''}

${table('change', stories)}
A trial with several faults counts under each.

${table('fault', byFault)}
${table('file system', byFile)}
${labFaultNames.map((name) => `- \`${name}\`: ${labFaults[name].what}.`).join('\n')}
`;
}

/** The page with this section at its end, in place of the one of a run before. */
export function withLabSection(page: string, section: string): string {
  const [before = ''] = page.split(heading);
  return `${before.trimEnd()}\n\n${section}`;
}

export function writeLabReport(results: readonly LabResult[], kernel: string): void {
  writeFileSync(file, withLabSection(readFileSync(file, 'utf8'), labReportText(results, kernel)));
}
