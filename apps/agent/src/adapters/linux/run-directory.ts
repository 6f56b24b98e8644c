import { chmodSync, mkdirSync } from 'node:fs';

/**
 * Makes the agent's directory in RAM. Others may pass through it to what is meant for everybody (the resolvers of bearers), and see nothing
 * else. What cannot be made here is told by whoever writes into it.
 */
export function openRunDirectory(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
    chmodSync(path, 0o711);
  } catch {
    // Not root, or a host without /run.
  }
}
