import { expect, it } from 'vitest';
import { orderJobId } from './order-job-id.ts';

const first = { rollout: 'a2b6a3f0-6f3c-4a8e-9d7e-0c5d0f3f1b11', device: 'd000000001', attempt: 1 };

it('is one id for one try of one device in one rollout, and another for any other', () => {
  const others = [
    { ...first, attempt: 2 },
    { ...first, device: 'd000000002' },
    { ...first, rollout: first.device },
  ];
  expect(orderJobId({ ...first })).toBe(orderJobId(first));
  expect(new Set([first, ...others].map(orderJobId)).size).toBe(4);
  expect(orderJobId(first)).toMatch(/^[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
});
