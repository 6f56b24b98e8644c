import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Fault } from '@towline/kit';

const unitFile = fileURLToPath(new URL('../../../infra/systemd/towline-agent.service', import.meta.url));

/** The bundle that a gateway runs. */
export const agentBundle = join(dirname(createRequire(import.meta.url).resolve('@towline/agent')), 'towline-agent.cjs');

/**
 * Flags that the systemd unit gives to Node.
 * @throws Fault `bench.no-unit` when its ExecStart is not found
 */
export function unitFlags(): string[] {
  const command = /^ExecStart=\S*node\s+(.*)$/m.exec(readFileSync(unitFile, 'utf8'))?.[1];
  if (command === undefined) throw new Fault('bench.no-unit', `no ExecStart with node in ${unitFile}`);
  const words = command.split(/\s+/);
  return words.slice(
    0,
    words.findIndex((word) => !word.startsWith('--')),
  );
}
