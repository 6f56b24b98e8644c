import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { createSealer } from '../platform/sealer.ts';
import { openTarget, sealTarget } from './sealed-target.ts';

const sealer = createSealer(randomBytes(32));
const document = {
  salt: 'sixteen-octets-ok',
  policy: { id: 'p', version: 1 },
  rules: [
    {
      name: 'all',
      level: 'fleet',
      when: {},
      profileRef: 'x@1',
      pin: '4711',
      profile: { apn: 'a', ipType: 'ipv4', auth: 'pap', username: 'u', password: 'hunter22', dataMode: 'auto', roaming: true },
    },
  ],
} as const;

it('shows no secret at rest and gives the same document back', () => {
  const sealed = sealTarget({ ...document, rules: [...document.rules] }, sealer);
  const json = JSON.stringify(sealed);
  for (const secret of ['hunter22', '4711', 'sixteen-octets-ok']) expect(json).not.toContain(secret);
  expect(openTarget(JSON.parse(json), sealer)).toEqual(document);
});

it('does not open with another key', () => {
  const sealed = sealTarget({ ...document, rules: [...document.rules] }, sealer);
  expect(() => openTarget(sealed, createSealer(randomBytes(32)))).toThrow(expect.objectContaining({ code: 'sealer.refused' }));
});
