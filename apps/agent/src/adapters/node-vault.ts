import { createCipheriv, createDecipheriv, createHmac, createSecretKey, hash, hkdfSync, type KeyObject, randomFillSync } from 'node:crypto';
import { smsMacOctets } from '@towline/protocol';
import type { Vault } from '../runtime/ports.ts';

const algorithm = 'aes-256-gcm';
/** NIST SP 800-38D: a 96-bit nonce, here random, is safe for 2^32 texts under one key. */
const nonceBytes = 12;
const tagBytes = 16;

const keyOf = (secret: string) => createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', 'towline agent at rest v1', 32)));

/** Drawn many at a time, as a draw costs a third of a seal. */
const nonces = Buffer.alloc(256 * nonceBytes);
let drawn = nonces.length;

function nextNonce(): Buffer {
  if (drawn === nonces.length) {
    randomFillSync(nonces);
    drawn = 0;
  }
  drawn += nonceBytes;
  return nonces.subarray(drawn - nonceBytes, drawn);
}

function close(key: KeyObject, text: string): string {
  const nonce = nextNonce();
  const cipher = createCipheriv(algorithm, key, nonce);
  const sealed = [cipher.update(text, 'utf8'), cipher.final()];
  return Buffer.concat([nonce, cipher.getAuthTag(), ...sealed]).toString('base64');
}

function open(key: KeyObject, stored: string): string | null {
  const bytes = Buffer.from(stored, 'base64');
  if (bytes.length < nonceBytes + tagBytes) return null;
  try {
    const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, nonceBytes));
    decipher.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
    return decipher.update(bytes.subarray(nonceBytes + tagBytes), undefined, 'utf8') + decipher.final('utf8');
  } catch {
    return null;
  }
}

/** SHA-256, HMAC (RFC 2104), and AES-256-GCM under a key derived by HKDF (RFC 5869). */
export const nodeVault: Vault = {
  digest: (text) => hash('sha256', text),
  mac: (key, text) => createHmac('sha256', key).update(text).digest().subarray(0, smsMacOctets).toString('base64url'),
  sealer(secret) {
    const key = keyOf(secret);
    return { close: (text) => close(key, text), open: (stored) => open(key, stored) };
  },
};
