/**
 * Certificates that the local authority signs. They differ in little but their names, so they are put together here:
 * a library that models all of X.509 takes fifty times as long for one, and there may be ten thousand to make.
 */
import { createHash, createPrivateKey, generateKeyPairSync, type KeyObject, sign, X509Certificate } from 'node:crypto';
import { concat, parseIpAddress, type Random, utf8 } from '../base/index.ts';
import { CERTIFICATE_BACKDATE_MS, LEAF_LIFETIME_MS } from './certificate-constants.ts';
import { DER_TAG, der, derBits, derOid, derSequence, derTime, derValues } from './der.ts';

export interface Leaf {
  /** Leaf first. */
  readonly chainPem: string;
  readonly keyPem: string;
  readonly notAfterUnixMs: number;
}

export interface LeafNames {
  /** Wildcards included. */
  readonly dns: readonly string[];
  readonly ip: readonly string[];
}

/** What of an authority is in every certificate that it signs. */
interface Issuer {
  readonly certificatePem: string;
  readonly key: KeyObject;
  readonly name: Uint8Array;
  readonly keyIdentifier: Uint8Array;
  readonly notAfterUnixMs: number;
}

const ECDSA_WITH_SHA256 = derSequence(derOid('1.2.840.10045.4.3.2'));
const COMMON_NAME = derOid('2.5.4.3');
/** Longest common name (RFC 5280 appendix A.1, `ub-common-name`). Names count by their other place. */
const COMMON_NAME_MAX = 64;
const VERSION_3 = der(0xa0, der(DER_TAG.integer, new Uint8Array([2])));
const TRUE = der(DER_TAG.boolean, new Uint8Array([0xff]));
/** Of no authority; signs handshakes; of a server (RFC 5280 sections 4.2.1.9, 4.2.1.3, 4.2.1.12). */
const SAME_FOR_ALL = [
  extension('2.5.29.19', derSequence(), { isCritical: true }),
  extension('2.5.29.15', der(DER_TAG.bitString, new Uint8Array([7, 0x80])), { isCritical: true }),
  extension('2.5.29.37', derSequence(derOid('1.3.6.1.5.5.7.3.1'))),
];

/** Signs leaves of one authority. */
export class LeafSigner {
  readonly #issuer: Issuer;

  constructor(authority: { readonly certificatePem: string; readonly keyPem: string }) {
    const certificate = new X509Certificate(authority.certificatePem);
    this.#issuer = {
      certificatePem: authority.certificatePem,
      key: createPrivateKey(authority.keyPem),
      name: subjectOf(certificate.raw),
      keyIdentifier: keyIdentifierOf(certificate.publicKey),
      notAfterUnixMs: certificate.validToDate.getTime(),
    };
  }

  /** A certificate with a key of its own, good no longer than the authority is. Takes some 0.2 ms. */
  sign(names: LeafNames, nowUnixMs: number, random: Random): Leaf {
    const { certificatePem, key, name, keyIdentifier, notAfterUnixMs: lastUnixMs } = this.#issuer;
    const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const notAfterUnixMs = Math.min(nowUnixMs + LEAF_LIFETIME_MS, lastUnixMs);
    const signed = derSequence(
      VERSION_3,
      der(DER_TAG.integer, serialNumber(random)),
      ECDSA_WITH_SHA256,
      name,
      derSequence(derTime(nowUnixMs - CERTIFICATE_BACKDATE_MS), derTime(notAfterUnixMs)),
      commonName([...names.dns, ...names.ip]),
      keys.publicKey.export({ type: 'spki', format: 'der' }),
      der(
        0xa3,
        derSequence(
          ...SAME_FOR_ALL,
          extension('2.5.29.17', derSequence(...alternativeNames(names))),
          extension('2.5.29.35', derSequence(der(0x80, keyIdentifier))),
          extension('2.5.29.14', der(DER_TAG.octetString, keyIdentifierOf(keys.publicKey))),
        ),
      ),
    );
    const certificate = derSequence(signed, ECDSA_WITH_SHA256, derBits(sign('sha256', signed, key)));
    return {
      chainPem: `${pem('CERTIFICATE', certificate)}\n${certificatePem}`,
      keyPem: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
      notAfterUnixMs,
    };
  }
}

/** A positive number of 127 random bits, big-endian (RFC 5280 section 4.1.2.2). */
export function serialNumber(random: Random): Uint8Array {
  const bytes = random.bytes(16);
  bytes[0] = ((bytes[0] as number) & 0x7f) | 0x40;
  return bytes;
}

function extension(oid: string, value: Uint8Array, { isCritical = false } = {}): Uint8Array {
  return derSequence(derOid(oid), ...(isCritical ? [TRUE] : []), der(DER_TAG.octetString, value));
}

function commonName(names: readonly string[]): Uint8Array {
  const name = names.find(({ length }) => length <= COMMON_NAME_MAX) ?? 'manis';
  return derSequence(der(DER_TAG.set, derSequence(COMMON_NAME, der(DER_TAG.utf8String, utf8(name)))));
}

/** RFC 5280 section 4.2.1.6: `dNSName` is [2], `iPAddress` is [7]. */
function alternativeNames({ dns, ip }: LeafNames): Uint8Array[] {
  return [...dns.map((name) => der(0x82, utf8(name))), ...ip.map((text) => der(0x87, addressBytes(text)))];
}

function addressBytes(text: string): Uint8Array {
  const address = parseIpAddress(text);
  if (!address) throw new RangeError(`${text} is no IP address`);
  return address.bytes;
}

/** SHA-1 of the bits of the key (RFC 5280 section 4.2.1.2, method 1). */
function keyIdentifierOf(key: KeyObject): Uint8Array {
  const [spki] = derValues(key.export({ type: 'spki', format: 'der' }));
  const bits = derValues(spki?.content ?? new Uint8Array()).at(1)?.content ?? new Uint8Array();
  return createHash('sha1').update(bits.subarray(1)).digest();
}

/** The field after validity; version, serial number, algorithm and issuer come before (RFC 5280 section 4.1). */
function subjectOf(certificate: Uint8Array): Uint8Array {
  const [whole] = derValues(certificate);
  const [signed] = derValues(whole?.content ?? new Uint8Array());
  const fields = derValues(signed?.content ?? new Uint8Array()).filter(({ tag }) => tag !== 0xa0);
  return concat(fields[4]?.whole ?? new Uint8Array());
}

function pem(label: string, bytes: Uint8Array): string {
  const text = Buffer.from(bytes)
    .toString('base64')
    .replace(/.{64}(?=.)/g, '$&\n');
  return `-----BEGIN ${label}-----\n${text}\n-----END ${label}-----`;
}
