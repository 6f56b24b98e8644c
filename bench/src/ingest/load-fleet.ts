import { randomBytes } from 'node:crypto';
import { Fault, faultText } from '@towline/kit';
import { createdClaimTokenSchema, enrolledSchema } from '@towline/protocol/http';
import type { BenchedControlPlane } from '../workplace.ts';
import type { LoadOrder } from './load-order.ts';

type Member = LoadOrder['devices'][number];

const atOnce = 8;
const requestTimeoutMs = 10_000;

async function enrol(url: string, claimToken: string): Promise<Member> {
  const secret = randomBytes(32).toString('base64url');
  const body = JSON.stringify({ claimToken, secret, fingerprint: { boardSerial: null, imeis: [] } });
  const headers = { 'content-type': 'application/json' };
  const signal = AbortSignal.timeout(requestTimeoutMs);
  const response = await fetch(`${url}/v1/enrolments`, { method: 'POST', headers, body, signal }).catch((cause: unknown) => {
    throw new Fault('bench.refused', `enrolment: ${faultText(cause)}`, { cause });
  });
  if (!response.ok) throw new Fault('bench.refused', `enrolment: ${await response.text()}`);
  const { tenant, device } = enrolledSchema.parse(await response.json());
  return { tenant, id: device, secret };
}

/** Enrols so many devices, as devices do. */
export async function enrolLoadFleet({ url, api }: BenchedControlPlane, count: number): Promise<Member[]> {
  const claim = await api.post('/v1/claim-tokens', { label: 'load', uses: count, expiresInS: 600 }, createdClaimTokenSchema);
  const members: Member[] = [];
  while (members.length < count) {
    const few = Array.from({ length: Math.min(atOnce, count - members.length) }, () => enrol(url, claim.secret));
    members.push(...(await Promise.all(few)));
  }
  return members;
}
