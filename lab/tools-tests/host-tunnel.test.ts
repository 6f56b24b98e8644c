import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const program = fileURLToPath(new URL('tunnel-program.ts', import.meta.url));

describe('the tunnel to the host', () => {
  it('carries a datagram of a bearer to a listener of the kernel and its answer back, and leaves nothing behind', () => {
    const namespaces = ['--net', '--pid', '--mount-proc', '--fork', '--kill-child'];
    const { stdout, stderr } = spawnSync('unshare', [...namespaces, process.execPath, program], { encoding: 'utf8', timeout: 30_000 });
    expect([stderr, JSON.parse(stdout || 'null')]).toEqual(['', { from: ['198.18.1.1'], to: '10.1.0.2', text: 'ping', left: false }]);
  });
});
