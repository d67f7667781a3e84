/** Shapes of the records in `records-of-certificates.ts`. */
import { MAX_TEXT_CHARS } from './constants.ts';
import { type Check, id, integer, line, list, object, oneOf, string, tagged } from './shape.ts';

const certificate = object({
  id,
  hosts: list(string()),
  chainPem: string(MAX_TEXT_CHARS),
  keyPem: string(MAX_TEXT_CHARS),
  notAfterUnixMs: integer(),
});

const acmeChallenge = object({
  id,
  name: line(),
  challenge: tagged('kind', {
    'http-01': object({ token: line(), keyAuthorization: line() }),
    'tls-alpn-01': object({ certificatePem: string(MAX_TEXT_CHARS), keyPem: string(MAX_TEXT_CHARS) }),
    'dns-01': object({ recordName: line(), text: line() }),
  }),
});

export const CERTIFICATE_SHAPES: Readonly<Record<string, Check>> = { certificate, acmeChallenge };

/** Of a PoP's status. */
export const certificateProblems: Check = list(object({ host: line(), problem: oneOf('missing', 'expired') }), 100);
