import { createHmac } from 'node:crypto';

const prefix = 'whsec_';

/** A secret as it is shown to whoever is to check signatures. */
export const webhookSecret = (bytes: Buffer): string => `${prefix}${bytes.toString('base64')}`;

export interface SignedMessage {
  readonly id: string;
  /** Unix seconds: so that a receiver can refuse what is old and replayed. */
  readonly timestamp: number;
  readonly body: string;
}

/**
 * Headers by the Standard Webhooks specification, version 1.0: HMAC-SHA-256 over `id.timestamp.body` with each of the secrets, so that
 * receivers can change theirs without missing anything.
 */
export function webhookHeaders({ id, timestamp, body }: SignedMessage, secrets: readonly string[]): Record<string, string> {
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(prefix.length), 'base64');
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
  });
  return { 'webhook-id': id, 'webhook-timestamp': String(timestamp), 'webhook-signature': signatures.join(' ') };
}
