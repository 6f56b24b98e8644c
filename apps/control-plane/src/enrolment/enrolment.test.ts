import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { deviceIdSchema } from '@towline/protocol';
import { createdClaimTokenSchema, enrolledSchema } from '@towline/protocol/http';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiHarness, createApiHarness } from '../api/testing/api-harness.ts';
import { deviceIdFrom } from './device-id.ts';

let api: ApiHarness;
beforeAll(async () => {
  api = await createApiHarness();
});
afterAll(() => api.close());

const newSecret = () => randomBytes(32).toString('base64url');
const fingerprint = { boardSerial: 'TL-1', imeis: ['490154203237518'] };
const claim = (uses: number) => api.expectOk(createdClaimTokenSchema, 'POST', '/v1/claim-tokens', { label: 'van', uses, tags: ['van'] });
const enrol = (claimToken: string, secret: string) => api.call('POST', '/v1/enrolments', { claimToken, secret, fingerprint }, '');

describe('device ids', () => {
  it('fit the schema whatever the random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 10, maxLength: 10 }), (bytes) => deviceIdSchema.safeParse(deviceIdFrom(bytes)).success),
    );
  });
});

describe('enrolment', () => {
  it('gives a device its identity without an operator, and the same one when it asks again', async () => {
    const { secret: token, id } = await claim(1);
    const secret = newSecret();
    const first = await enrol(token, secret);
    expect(first.status).toBe(201);
    const { device } = enrolledSchema.parse(first.body);
    expect(enrolledSchema.parse((await enrol(token, secret)).body).device).toBe(device);
    const row = await api.database.prisma.device.findUniqueOrThrow({ where: { id: device } });
    expect(row.tags).toEqual(['van']);
    expect(inspect(row)).not.toContain(secret);
    expect((await api.database.prisma.claimToken.findFirstOrThrow({ where: { id } })).usesLeft).toBe(0);
  });

  it('makes one device of two first requests at once', async () => {
    const { secret: token } = await claim(5);
    const secret = newSecret();
    const answers = await Promise.all([enrol(token, secret), enrol(token, secret)]);
    expect(new Set(answers.map(({ body }) => enrolledSchema.parse(body).device)).size).toBe(1);
  });

  it('shares the uses of a claim token out exactly, however many ask at once', async () => {
    const { secret: token } = await claim(3);
    const answers = await Promise.all(Array.from({ length: 8 }, () => enrol(token, newSecret())));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(3);
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(5);
  });

  it('refuses an unknown and a revoked claim token alike, and a secret that is not 32 bytes', async () => {
    const { secret: token, id } = await claim(9);
    expect((await api.call('DELETE', `/v1/claim-tokens/${id}`)).status).toBe(204);
    const [revoked, unknown] = [await enrol(token, newSecret()), await enrol(`tw_${newSecret()}`, newSecret())];
    expect(revoked.body).toEqual(unknown.body);
    expect(revoked.body).toMatchObject({ code: 'auth.refused' });
    expect((await enrol(token, 'short')).body).toMatchObject({ code: 'request.invalid', errors: [{ path: 'secret' }] });
  });
});
