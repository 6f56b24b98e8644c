import { existsSync, readdirSync, rmSync } from 'node:fs';
import { resolverDirectory } from './observe-host.ts';

function noted(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    // Nothing was noted yet.
    return [];
  }
}

function drop(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // It misleads others, and is no reason for a gateway without an agent.
  }
}

/**
 * Takes away the resolvers of interfaces that went while no agent ran: nobody looks at them any more, and other programs read every file.
 * Those of an interface that is there stay, for a restart of the agent takes no bearer down.
 */
export function dropStaleResolvers(runDirectory: string, interfaces = '/sys/class/net'): void {
  const directory = resolverDirectory(runDirectory);
  for (const file of noted(directory)) {
    const name = /^(.+)\.conf$/.exec(file)?.[1];
    if (name !== undefined && !existsSync(`${interfaces}/${name}`)) drop(`${directory}/${file}`);
  }
}
