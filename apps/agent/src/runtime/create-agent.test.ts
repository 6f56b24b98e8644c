import { manualClock, seededRandom, silentLog } from '@towline/kit';
import { describe, expect, it } from 'vitest';
import { memoryStore } from '../adapters/memory-store.ts';
import { nodeIds } from '../adapters/node-ids.ts';
import { nodeVault } from '../adapters/node-vault.ts';
import { agentConfigSchema } from '../config/agent-config.ts';
import { assembleAgent } from './create-agent.ts';

describe('an agent of which one part ends by the unexpected', () => {
  it('says so, that whoever runs it can start it anew', async () => {
    const clock = manualClock();
    const agent = assembleAgent({
      config: agentConfigSchema.parse({
        controlPlane: { url: 'http://fleet.test' },
        claimToken: 'claim-token-1',
        modems: [{ id: 'm1', atPort: '/dev/at' }],
      }),
      ports: {
        serialPorts: { open: () => Promise.reject(new TypeError('not asked')) },
        transport: { connect: () => Promise.reject(new TypeError('not asked')) },
        // A broken contract: an enrolment answers, it never throws.
        enrolment: { enrol: () => Promise.reject(new TypeError('broken')) },
        store: memoryStore(),
        vault: nodeVault,
        ids: nodeIds,
        clock,
        random: seededRandom(1),
        log: silentLog,
        hostFacts: { bootId: 'boot', boardSerial: null, uptimeS: () => 1 },
      },
      openModem: async () => ({ ok: false, failure: { code: 'at.port-closed', evidence: [] } }),
    });
    await agent.start();
    await clock.advance(120_000);
    expect(await agent.failed).toBe('unknown');
    const stopped = agent.stop();
    await clock.advance(60_000);
    await stopped;
  });
});
