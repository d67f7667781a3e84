import { generateKeyPairSync } from 'node:crypto';

/** A new key for an account: P-256, PKCS #8 in PEM. Every directory takes it. */
export function newAccountKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}
