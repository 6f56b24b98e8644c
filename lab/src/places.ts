import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');

/** Where things of the lab lie. The cache is shared by all checkouts; kernels and initramfs in it never change once they are there. */
export const places = {
  repository,
  cache: join(cache, 'towline', 'lab'),
  logs: join(repository, '.towline', 'lab', 'logs'),
  runs: join(repository, '.towline', 'lab', 'runs'),
  resident: join(repository, 'lab', 'dist', 'guest-side', 'main.js'),
  agentBundle: join(repository, 'apps', 'agent', 'dist', 'towline-agent.cjs'),
} as const;
