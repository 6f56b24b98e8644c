import { expect, it } from 'vitest';
import { webhookHeaders, webhookSecret } from './sign-webhook.ts';

/** The example of the Standard Webhooks specification, as its reference libraries test it. */
const example = {
  secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  message: { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestamp: 1_614_265_330, body: '{"test": 2432232314}' },
  signature: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
};

it('signs as the specification shows', () => {
  expect(webhookHeaders(example.message, [example.secret])).toEqual({
    'webhook-id': example.message.id,
    'webhook-timestamp': '1614265330',
    'webhook-signature': example.signature,
  });
});

it('signs with both secrets while one takes over from the other', () => {
  const other = webhookSecret(Buffer.alloc(32, 7));
  expect(webhookHeaders(example.message, [other, example.secret])['webhook-signature']).toMatch(/^v1,\S+ v1,g0hM9SsE/);
});
