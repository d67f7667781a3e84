/** One-time codes of authenticator applications: TOTP (RFC 6238), SHA-1, six digits, 30 seconds, as all of them take it. */
import { Secret, TOTP } from 'otpauth';
import type { Random } from '../../base/index.ts';
import { TOTP_PERIOD_MS, TOTP_SECRET_BYTES, TOTP_WINDOW_STEPS } from './constants.ts';

/** A new secret, base32. */
export function newTotpSecret(random: Random): string {
  return new Secret({ buffer: new Uint8Array(random.bytes(TOTP_SECRET_BYTES)).buffer }).base32;
}

/** What the QR code says: `otpauth://totp/...`. */
export function totpUri(secret: string, issuer: string, account: string): string {
  return totpOf(secret, { issuer: issuer.replaceAll(':', ' '), label: account }).toString();
}

/** The step whose code this is, within the window around a time; undefined where it is none. */
export function totpStepOf(secret: string, code: string, unixMs: number): number | undefined {
  const digits = code.replaceAll(/[\s-]/g, '');
  if (!/^\d{6}$/.test(digits)) return undefined;
  const delta = totpOf(secret).validate({ token: digits, timestamp: unixMs, window: TOTP_WINDOW_STEPS });
  return delta === null ? undefined : Math.floor(unixMs / TOTP_PERIOD_MS) + delta;
}

/** The code of a time. */
export function totpCodeAt(secret: string, unixMs: number): string {
  return totpOf(secret).generate({ timestamp: unixMs });
}

function totpOf(secret: string, names: { readonly issuer?: string; readonly label?: string } = {}): TOTP {
  return new TOTP({
    ...names,
    algorithm: 'SHA1',
    digits: 6,
    period: TOTP_PERIOD_MS / 1000,
    secret: Secret.fromBase32(secret),
  });
}
