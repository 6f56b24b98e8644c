/**
 * Breaks the engine in ways that people break such engines, one at a time, and tells whether the test that should notice does.
 * With words after it only mutants whose name has one of them. Exit code 1 when one lives.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Mutant, mutants } from './mutants.ts';

const folder = fileURLToPath(new URL('../..', import.meta.url));
const print = (line: string) => void process.stdout.write(`${line}\n`);
const words = process.argv.slice(2);

type Fate = 'caught' | 'LIVES' | 'STANDS NOWHERE';

function fateOf({ name, file, from, test: [testFile, title] }: Mutant): Fate {
  const source = readFileSync(`${folder}src/${file}`, 'utf8');
  if (source.split(from).length !== 2) return 'STANDS NOWHERE';
  const command = ['vitest', 'run', '--config', 'build/mutants/mutant.config.ts', `src/${testFile}`, '-t', title, '--bail', '1'];
  const { stdout, stderr } = spawnSync('npx', command, {
    cwd: folder,
    env: { ...process.env, MUTANT: name, NO_COLOR: '1' },
    encoding: 'utf8',
    timeout: 300_000,
  });
  // Only a test that fails by what it expects has caught it: a run that cannot begin, or that a busy machine ends, has not.
  return /Tests +\d+ failed/.test(stdout) && stderr.includes('AssertionError') ? 'caught' : 'LIVES';
}

const tried = mutants.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));
let isWell = true;
for (const mutant of tried) {
  const fate = fateOf(mutant);
  isWell &&= fate === 'caught';
  print(`${fate}: ${mutant.name} (${mutant.test.join(', ')})`);
}
process.exitCode = isWell ? 0 : 1;
