import { createCipheriv, createDecipheriv, createSecretKey, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Fault, faultCode } from '@towline/kit';

const version = 'v1';
const nonceBytes = 12;
const tagBytes = 16;
const keyBytes = 32;

/** Keeps secrets at rest: AES-256-GCM, a random nonce each, as `v1.<base64url of nonce, tag and ciphertext>`. */
export interface Sealer {
  seal(plain: string): string;
  /** @throws Fault `sealer.refused` when it was not sealed with this key or was changed. */
  open(sealed: string): string;
}

export function createSealer(key: Buffer): Sealer {
  if (key.length !== keyBytes) throw new Fault('sealer.key', `the key must have ${keyBytes} bytes`);
  // Made once: Node 24 takes three times as long for each cipher that it is given the bytes for.
  const secret = createSecretKey(key);
  return {
    seal(plain) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', secret, nonce);
      const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
      return `${version}.${Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url')}`;
    },
    open(sealed) {
      const [prefix, text = ''] = sealed.split('.');
      const bytes = Buffer.from(text, 'base64url');
      if (prefix !== version || bytes.length < nonceBytes + tagBytes) throw new Fault('sealer.refused', 'not a sealed value');
      try {
        const decipher = createDecipheriv('aes-256-gcm', secret, bytes.subarray(0, nonceBytes));
        decipher.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
        return decipher.update(bytes.subarray(nonceBytes + tagBytes), undefined, 'utf8') + decipher.final('utf8');
      } catch (cause) {
        throw new Fault(
          'sealer.refused',
          'sealed with another key, or changed: is TOWLINE_KEY or the key file the one it was sealed with?',
          { cause },
        );
      }
    },
  };
}

/** Makes the key file once, even when two processes start together: the first link wins. */
function makeKeyFile(path: string): void {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, randomBytes(keyBytes).toString('base64'), { mode: 0o600, flush: true });
  try {
    linkSync(draft, path);
  } catch (error) {
    if (faultCode(error) !== 'EEXIST') throw error;
  } finally {
    rmSync(draft);
  }
}

/**
 * The sealing key: the configured one, else that of `<dataDir>/key` (mode 0600), which is made at the first start.
 * @param key base64 of 32 bytes, or null
 */
export function loadSealingKey(key: string | null, dataDir: string): Buffer {
  if (key !== null) return Buffer.from(key, 'base64');
  const path = join(dataDir, 'key');
  if (!existsSync(path)) {
    mkdirSync(dataDir, { recursive: true });
    makeKeyFile(path);
  }
  chmodSync(path, 0o600);
  return Buffer.from(readFileSync(path, 'utf8'), 'base64');
}
