import { describe, expect, it } from 'vitest';
import { nodeVault } from './node-vault.ts';

const seal = nodeVault.sealer('a secret of a device');
const close = (text: string) => seal.close(text);
const open = (stored: string) => seal.open(stored);

describe('the seal of a vault', () => {
  it('opens what it closed, whatever it says', () => {
    for (const text of ['', 'fleet.north', '{"password":"ä€𝄞"}', 'x'.repeat(20_000)]) expect(open(close(text))).toBe(text);
  });

  it('never closes two texts with one nonce, however many there are', () => {
    const nonces = Array.from({ length: 1_000 }, () => close('the same').slice(0, 16));
    expect(new Set(nonces).size).toBe(nonces.length);
  });

  it('opens nothing that was touched, cut off or closed with another secret', () => {
    const sealed = close('fleet.north');
    const touched = Buffer.from(sealed, 'base64');
    touched.writeUInt8(touched.readUInt8(20) ^ 1, 20);
    const foreign = nodeVault.sealer('another secret').close('fleet.north');
    expect([touched.toString('base64'), sealed.slice(0, 12), foreign].map(open)).toEqual([null, null, null]);
  });
});
