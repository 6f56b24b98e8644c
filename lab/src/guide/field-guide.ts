import { modemKinds, modemNames } from '../gateway/modem-kinds.ts';
import type { Story } from '../stories/story.ts';
import type { RecordedResults } from './recorded-results.ts';
import { type ReportOperation, reportOperations, reportTitles } from './report-operations.ts';

const intro = `# Field guide

What the lab proves, made by \`npm run generate -w @towline/lab\` from the stories and their last recorded results; do not edit.
The kernel, its drivers and the tools are Debian's own, in a guest; the modems are emulated over USB/IP and were written from manuals, logs and kernel sources:
no story has met a radio. \`npm run lab -- NAME\` tells one story, \`npm run lab -- all\` tells all and records them here.
Reports 0 to 4 are the field reports that Towline began with: what people did to a modem of theirs, each operation with the story that proves it.
`;

const lastOf = (results: RecordedResults, name: string) => {
  const last = results[name];
  return last ? `${last.outcome}, ${last.seconds} s, ${last.day}` : 'not recorded';
};

function row(operation: ReportOperation, stories: readonly Story[], results: RecordedResults): string {
  const proving = stories.filter(({ proves }) => proves.includes(operation.number));
  const told = proving.map(({ name }) => `\`${name}\`: ${lastOf(results, name)}`).join('<br>');
  return `| ${operation.number} | ${operation.text} | ${told || (operation.elsewhere ?? 'no story yet')} |`;
}

function reportSection(report: string, stories: readonly Story[], results: RecordedResults): string {
  const rows = reportOperations
    .filter(({ number }) => number.startsWith(`${report}.`))
    .map((operation) => row(operation, stories, results));
  return [
    `## Report ${report}: ${reportTitles[report]}`,
    '',
    '| | operation | story, last result |',
    '| --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

function modeSection(results: RecordedResults): string {
  const rows = modemNames.flatMap((modem) =>
    modemKinds[modem].modes.map((mode) => `| ${modem} | ${mode} | ${lastOf(results, `online-${modem}-${mode}`)} |`),
  );
  return [
    '## From a cold plug to a session over the bearer alone',
    '',
    '| modem | data mode | last result |',
    '| --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

function storySection(stories: readonly Story[], results: RecordedResults): string {
  const rows = stories.map(({ name, sentence }) => `| \`${name}\` | ${sentence} | ${lastOf(results, name)} |`);
  return ['## Every story', '', '| story | what is true when it passes | last result |', '| --- | --- | --- |', ...rows, ''].join('\n');
}

/** The text of docs/field-guide.md. */
export function fieldGuide(stories: readonly Story[], results: RecordedResults): string {
  const reports = Object.keys(reportTitles).map((report) => reportSection(report, stories, results));
  return [intro, modeSection(results), ...reports, storySection(stories, results)].join('\n');
}
