/** ACME Renewal Information (RFC 9773): when an authority wants its certificates to be renewed. */
import { X509Certificate } from 'node:crypto';
import { plain } from './acme-failure.ts';

export interface RenewalInfo {
  readonly startUnixMs: number;
  readonly endUnixMs: number;
  /** A page that says why, where there is something to say. */
  readonly explanationUrl: string | undefined;
  /** When to ask again. */
  readonly retryAfterMs: number | undefined;
}

const OCTET_STRING = 0x04;
const SEQUENCE = 0x30;
const KEY_IDENTIFIER = 0x80;
/** OID 2.5.29.35, authorityKeyIdentifier, with its head. */
const AUTHORITY_KEY_IDENTIFIER = Buffer.from([0x06, 0x03, 0x55, 0x1d, 0x23]);

/**
 * Names a certificate (section 4.1): base64url of the key identifier of its authority, a dot, base64url of its serial
 * number as DER has it, without padding. Undefined where it has no key identifier.
 */
export function renewalId(chainPem: string): string | undefined {
  const { raw, serialNumber } = new X509Certificate(chainPem);
  const keyIdentifier = authorityKeyIdentifier(raw);
  if (!keyIdentifier) return undefined;
  // An integer of DER is signed, so a first bit that is set has a zero byte in front.
  const even = serialNumber.length % 2 === 0 ? serialNumber : `0${serialNumber}`;
  const bytes = Buffer.from(even, 'hex');
  const serial = (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes;
  return `${keyIdentifier.toString('base64url')}.${serial.toString('base64url')}`;
}

/** AuthorityKeyIdentifier ::= SEQUENCE { keyIdentifier [0] IMPLICIT OCTET STRING OPTIONAL, ... } (RFC 5280 section 4.2.1.1). */
function authorityKeyIdentifier(der: Buffer): Buffer | undefined {
  const at = der.indexOf(AUTHORITY_KEY_IDENTIFIER);
  if (at < 0) return undefined;
  const outer = valueAt(der, at + AUTHORITY_KEY_IDENTIFIER.length, OCTET_STRING);
  const sequence = outer && valueAt(outer, 0, SEQUENCE);
  return sequence && valueAt(sequence, 0, KEY_IDENTIFIER);
}

/** The contents of a value of DER that is shorter than 128 bytes. */
function valueAt(der: Buffer, at: number, tag: number): Buffer | undefined {
  const length = der[at + 1];
  if (der[at] !== tag || length === undefined || length >= 0x80) return undefined;
  const value = der.subarray(at + 2, at + 2 + length);
  return value.length === length ? value : undefined;
}

/** Reads an answer (section 4.2); undefined where it is none, or its window ends before it begins. */
export function readRenewalInfo(body: unknown): RenewalInfo | undefined {
  const { suggestedWindow, explanationURL, retryAfterMs } = (body ?? {}) as Record<string, unknown>;
  const { start, end } = (suggestedWindow ?? {}) as Record<string, unknown>;
  const startUnixMs = Date.parse(String(start));
  const endUnixMs = Date.parse(String(end));
  if (!(endUnixMs > startUnixMs)) return undefined;
  return {
    startUnixMs,
    endUnixMs,
    explanationUrl: typeof explanationURL === 'string' ? plain(explanationURL) : undefined,
    retryAfterMs: typeof retryAfterMs === 'number' ? retryAfterMs : undefined,
  };
}
