/**
 * All that a machine can say of the code without running it, cheapest first. Runs every step, then fails if any did.
 * `npm run check -- lint sizes` runs only the named steps.
 */
import { spawnSync } from 'node:child_process';

const packages = [
  'packages/kit',
  'packages/protocol',
  'packages/modem',
  'packages/simulator',
  'apps/agent',
  'apps/control-plane',
  'demo',
  'e2e',
  'bench',
  'lab',
  'faults',
];

const steps: Record<string, readonly (readonly string[])[]> = {
  format: [['biome', 'ci', '--linter-enabled=false', '--colors=off', '.']],
  lint: [['oxlint', '--deny-warnings', '.']],
  boundaries: [['turbo', 'boundaries']],
  sizes: [['node', 'tools/sizes.ts']],
  types: [
    ['turbo', 'run', 'build', '--output-logs=errors-only'],
    ...packages.map((path) => ['tsc', '-p', `${path}/tsconfig.check.json`]),
    ['tsc', '-p', 'tools'],
  ],
  generated: [
    ['npm', 'run', '-s', 'generate', '-w', '@towline/protocol', '--', '--check'],
    ['npm', 'run', '-s', 'generate', '-w', '@towline/modem', '--', '--check'],
    ['npm', 'run', '-s', 'generate', '-w', '@towline/lab', '--', '--check'],
  ],
  schema: [['npm', 'run', '-s', 'check:schema', '-w', '@towline/control-plane']],
  unused: [['knip', '--no-progress']],
};

function run(command: readonly string[]): boolean {
  const [program = '', ...argv] = command;
  return (
    spawnSync(program, argv, { stdio: 'inherit', timeout: 600_000, env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1' } }).status === 0
  );
}

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in steps));
if (unknown.length > 0) {
  console.error(`no such step: ${unknown.join(', ')}. Steps: ${Object.keys(steps).join(', ')}`);
  process.exit(2);
}
const failed = Object.entries(steps)
  .filter(([name]) => asked.length === 0 || asked.includes(name))
  .filter(([name, commands]) => {
    console.log(`check: ${name}`);
    return !commands.map(run).every(Boolean);
  })
  .map(([name]) => name);
console.log(failed.length === 0 ? 'check: all well' : `check: failed: ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
