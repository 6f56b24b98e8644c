import { manualClock, silentLog } from '@towline/kit';
import { describe, expect, it } from 'vitest';
import { createReporter } from './reporter.ts';

const unasked = () => expect.unreachable('nobody asks for it');

function reporterOverRam() {
  return createReporter({
    document: { load: async () => null, save: async () => true },
    clock: manualClock(),
    ids: { epoch: () => '00000001', nonce: unasked, secret: unasked },
    log: silentLog,
  });
}

describe('a report', () => {
  it.each(Array.from({ length: 16 }, (_, turns) => turns))(
    'goes out at once when the session is there %i turns after it was offered',
    async (turns) => {
      const reporter = reporterOverRam();
      await reporter.open();
      const sent: string[] = [];
      reporter.offer({ channel: 'state', body: { held: { target: null }, target: null, uptimeS: 1, modems: [] } });
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      reporter.connect(async (channel) => void sent.push(channel));
      await new Promise((resolve) => setImmediate(resolve));
      expect(sent).toEqual(['state']);
      reporter.close();
    },
  );
});
