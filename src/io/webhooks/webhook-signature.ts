/** Signatures as the Standard Webhooks have them (standardwebhooks.com, specification 1.0): `v1`, HMAC-SHA256. */
import { createHmac } from 'node:crypto';
import { type Random, toBase64 } from '../../base/index.ts';

/** Bytes of the key: as the Standard Webhooks ask for, 24 to 64. */
const SECRET_BYTES = 32;
const PREFIX = 'whsec_';

/** A new key, as its receiver is told. */
export function newWebhookSecret(random: Random): string {
  return PREFIX + toBase64(random.bytes(SECRET_BYTES));
}

/** The fields by which a receiver knows that an event is ours, new, and not changed on its way. */
export function signedFields(
  secret: string,
  { id, body }: { readonly id: string; readonly body: string },
  unixMs: number,
): Record<string, string> {
  const timestamp = String(Math.floor(unixMs / 1_000));
  const key = Buffer.from(secret.slice(PREFIX.length), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
}
