import type { ClientCertificate } from '../context.ts';
import type { Criterion } from '../criterion.ts';
import { compileEmails, faultInEmailPattern } from '../email-pattern.ts';
import { readObject, readTextList } from '../problem.ts';
import { truthOf } from '../truth.ts';

/** `true`: any that one of the organisation's authorities vouches for; otherwise each key that is given must hold. */
export type CertificateConfig =
  | true
  | {
      readonly authorities?: readonly string[];
      readonly commonNames?: readonly string[];
      readonly emails?: readonly string[];
      /** SHA-256, 64 hexadecimal digits in lower case. */
      readonly fingerprints?: readonly string[];
    };

const FAULTS = {
  authorities: () => undefined,
  commonNames: () => undefined,
  emails: faultInEmailPattern,
  fingerprints: (text: string) =>
    /^[0-9a-f]{64}$/.test(text) ? undefined : 'a SHA-256 as 64 hexadecimal digits in lower case, without colons',
} as const;
const KEYS = ['authorities', 'commonNames', 'emails', 'fingerprints'] as const;
const EXPECTED = `true, or an object with at least one of ${KEYS.join(', ')}`;

/** Whether the client proved to hold such a certificate. */
export const certificate: Criterion<CertificateConfig> = {
  asksRequest: true,
  expects: EXPECTED,
  parse(json, path, list) {
    if (json === true) return json;
    if (typeof json !== 'object') return list.note(path, EXPECTED, json);
    const object = readObject(json, path, KEYS, list);
    if (!object) return undefined;
    if (Object.keys(object).length === 0) return list.note(path, EXPECTED, json);
    const config: { [key: string]: readonly string[] } = {};
    for (const key of KEYS) {
      if (object[key] === undefined) continue;
      const texts = readTextList(object[key], `${path}.${key}`, list, FAULTS[key]);
      if (!texts) return undefined;
      config[key] = texts;
    }
    return config;
  },
  compile(config) {
    if (config === true) return ({ certificate: held }) => truthOf(held !== undefined);
    const holds = compileParts(config);
    return ({ certificate: held }) => truthOf(held !== undefined && holds(held));
  },
};

function compileParts(config: Exclude<CertificateConfig, true>): (held: ClientCertificate) => boolean {
  const parts: ((held: ClientCertificate) => boolean)[] = [];
  const { authorities, commonNames, emails, fingerprints } = config;
  if (authorities) parts.push(({ authorityId }) => authorities.includes(authorityId));
  if (commonNames) parts.push(({ commonName }) => commonNames.includes(commonName));
  if (fingerprints) {
    const listed = new Set(fingerprints);
    parts.push(({ fingerprint }) => listed.has(fingerprint));
  }
  if (emails) {
    const matches = compileEmails(emails);
    parts.push((held) => held.emails.some(matches));
  }
  return (held) => parts.every((part) => part(held));
}
