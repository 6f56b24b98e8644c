import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { percentile } from '@towline/kit';
import { fileSystems } from '../guest/state-disk.ts';
import { places } from '../places.ts';
import { labFaultNames, labFaults } from './lab-fault-classes.ts';
import { changeNames, faultModems } from './setting.ts';
import { faultsIn, judgedOf, type LabResult, type LabTrialResult } from './trial-result.ts';

const file = join(places.repository, 'docs', 'fault-injection.md');
/** What comes before is written by the campaign in the simulated world, which leaves what begins here alone. */
const heading = '## In the lab';

const plural: Readonly<Record<LabTrialResult['change'], string>> = { apn: 'another access point', mode: 'another data mode' };

function cells(trials: readonly LabTrialResult[]): string {
  const of = (outcome: LabTrialResult['outcome']) => trials.filter((trial) => trial.outcome === outcome);
  const times = trials.map(({ backS }) => backS);
  const at = (percent: number) => percentile(times, percent) ?? '';
  return [
    trials.length,
    faultsIn(trials),
    of('changed').length,
    of('gone-back').length,
    of('stranded').length,
    at(50),
    at(95),
    at(100),
  ].join(' | ');
}

const head = (first: string) =>
  `| ${first} | trials | faults | on the new | back | stranded | p50 s | p95 s | slowest s |\n| --- | --: | --: | --: | --: | --: | --: | --: | --: |\n`;

function table(first: string, rows: readonly (readonly [name: string, trials: readonly LabTrialResult[]])[]): string {
  return head(first) + rows.map(([name, trials]) => `| ${name} | ${cells(trials)} |\n`).join('');
}

/** What the lab found, as a section. */
export function labReportText(results: readonly LabResult[], kernel: string): string {
  const trials = judgedOf(results);
  const broken = results.filter((result) => result.kind === 'trial').length - trials.length;
  const stories = faultModems.flatMap((modem) =>
    changeNames.map(
      (change) => [`${modem}: ${plural[change]}`, trials.filter((one) => one.modem === modem && one.change === change)] as const,
    ),
  );
  const byFault = labFaultNames.map(
    (name) => [name, trials.filter(({ injected }) => injected.some(({ fault }) => fault === name))] as const,
  );
  const byFile = fileSystems.map((name) => [name, trials.filter(({ fileSystem }) => fileSystem === name)] as const);
  const stranded = trials.filter(({ outcome }) => outcome === 'stranded').length;
  const seeds = [...new Set(trials.map(({ seed }) => seed))].join(', ');
  return `${heading}

\`npm run faults -- --lab N --record\` wrote this part, with seed ${seeds}: Debian's kernel ${kernel} in qemu with its own drivers for the modem (option, qmi_wwan,
cdc_mbim, cdc_ether, rndis_host), qmicli, mbimcli and udhcpc, the agent's bundle, its state on a disk, the whole control plane with Postgres. A change that nothing befell shows the points: each line
of the agent's log but what it repeats while it waits, and each change of a file in its state directory. Then the same change is ordered again and
again, each time with two to four faults at such points. A fault lasts as long as it says; one whose point comes meanwhile follows when it is over.

A gateway counts as well once it stands for five seconds on what was ordered or on what it came from, the operator's core has its bearer up and the
broker a session that came by it, and the control plane's record, heard since the last fault, says the same: applied and confirmed, or given up.

**${faultsIn(trials)} faults in ${trials.length} trials; ${stranded} gateways stranded.** Seconds are from the end of the last fault to reachable for good, of an emulated
processor on a busy machine. No bound of the product is shortened: a change has its five minutes. Modems take 4 s to come back to the bus instead of
15 and 25.${broken > 0 ? ` ${broken} trials in which the lab itself failed are not counted.` : ''}

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
