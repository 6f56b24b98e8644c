import { manualClock, silentLog } from '@towline/kit';
import { expect, test } from 'vitest';
import { BoundedLog } from './bounded-log.ts';

test('a flood of refusals leaves sixty lines a minute, and the next line tells how many there were', async () => {
  const lines: unknown[] = [];
  const clock = manualClock();
  const log = new BoundedLog({ ...silentLog, warn: (_event, fields) => void lines.push(fields) }, clock);
  for (let count = 0; count < 1000; count += 1) log.warn('broker.client-refused', { code: 5 });
  expect(lines).toHaveLength(60);
  log.warn('broker.client-error', { reason: 'another kind' });
  expect(lines).toHaveLength(61);
  await clock.advance(60_000);
  log.warn('broker.client-refused', { code: 5 });
  expect(lines.at(-1)).toEqual({ code: 5, leftOut: 940 });
});
