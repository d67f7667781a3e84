/** Shapes of the records in `records-of-access.ts`. Policies and lists are judged by `core/policy`, which owns their language. */
import { MAX_TEXT_CHARS } from './constants.ts';
import { SECRET_METHODS } from './records-of-access.ts';
import {
  anyObject,
  boolean,
  type Check,
  id,
  integer,
  line,
  list,
  object,
  oneOf,
  optional,
  string,
  textValues,
} from './shape.ts';

/** Credential ids have up to 1023 bytes (Web Authentication Level 3, section 4). */
const MAX_CREDENTIAL_ID_CHARS = 1400;

/** Of a user. */
export const passkeys: Check = list(object({ id: string(MAX_CREDENTIAL_ID_CHARS), publicKey: string(2048) }), 64);

/** Of what opens resources to whoever knows its secret. */
const credential: Check = object({
  id,
  name: line(),
  method: oneOf(...SECRET_METHODS),
  resourceIds: list(id),
  version: integer(1),
  secretHash: string(256),
  username: optional(line()),
  expiresUnixMs: optional(integer()),
  maximumUses: optional(integer(1)),
  madeUnixMs: optional(integer()),
  pathPrefix: optional(line()),
});

/** Of a user. */
export const memberships: Check = list(
  object({ organisationId: id, roles: list(string()), groups: optional(list(string())) }),
);

export const identities: Check = list(object({ providerId: id, subject: string() }), 64);

/** The settings of a provider are control's word: what is read here is what a PoP would stumble over. */
const identityProvider: Check = object({
  id,
  organisationId: id,
  name: line(64),
  clientId: line(),
  clientSecret: string(4096),
  settings: object({
    preset: line(32),
    label: line(),
    issuer: line(2048),
    scopes: list(line(), 64),
    allowPrivate: boolean,
    caPem: optional(string(MAX_TEXT_CHARS)),
    userInfo: boolean,
    graphUrl: optional(line(2048)),
    emailTrust: oneOf('claim', 'assume', 'never'),
    domains: list(line(), 256),
    linkDomains: list(line(), 256),
    provisioning: oneOf('never', 'verified-email', 'subject'),
    defaultRoles: list(line(), 64),
    mapping: textValues,
    mfaValues: list(line(), 64),
    signOut: boolean,
    automatic: boolean,
    listed: optional(boolean),
  }),
});

const clientAuthority: Check = object({
  id,
  name: line(),
  resourceIds: list(id),
  certificatePem: optional(string(MAX_TEXT_CHARS)),
  fingerprints: list(string(64)),
  revokedSerials: list(string(64)),
  revocationsUntilUnixMs: optional(integer()),
});

export const ACCESS_SHAPES: Readonly<Record<string, Check>> = {
  clientAuthority,
  credential,
  organisation: object({
    id,
    name: string(),
    sessionIdleMs: integer(),
    sessionAbsoluteMs: integer(),
  }),
  identityProvider,
  mail: object({ id, codeSignIn: boolean }),
  organisationPolicy: object({ id, policy: anyObject, lists: anyObject }),
  knownDevice: object({ id, userId: id, publicKey: string(256), approved: boolean }),
};
