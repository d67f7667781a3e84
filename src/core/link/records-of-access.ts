/** Records of how people come in. */
import type { CustomPage } from '../http-rules/index.ts';
import type { ProviderSettings } from '../identity/index.ts';
import type { CredentialMethod, NamedLists, Policy } from '../policy/index.ts';

/** An organisation's mails leave: codes and links can be mailed. Where there is none they cannot. */
export interface MailRecord {
  readonly kind: 'mail';
  /** The organisation's id. */
  readonly id: string;
  /** Whether its users may sign in with a mailed code in place of a password. */
  readonly codeSignIn: boolean;
}

/** What holds for the resources of one organisation. */
export interface OrganisationRecord {
  readonly kind: 'organisation';
  readonly id: string;
  readonly name: string;
  readonly sessionIdleMs: number;
  readonly sessionAbsoluteMs: number;
  /** Pages of its resources in place of Manis's own. Left out: none. */
  readonly errorPages?: readonly CustomPage[];
}

/** What a user is in one organisation; with the roles of the groups. */
export interface UserMembership {
  readonly organisationId: string;
  readonly roles: readonly string[];
  /** Left out: none. */
  readonly groups?: readonly string[];
}

/** Who vouches for the certificates of clients of some resources. */
export interface ClientAuthorityRecord {
  readonly kind: 'clientAuthority';
  readonly id: string;
  readonly name: string;
  /** The hosts of these ask for certificates. */
  readonly resourceIds: readonly string[];
  /** PEM. */
  readonly certificatePem?: string;
  /** Certificates that are taken as they are, whoever issued them: SHA-256, hexadecimal in lower case. */
  readonly fingerprints: readonly string[];
  /** Serial numbers that the authority revoked, hexadecimal in lower case without zeros in front. */
  readonly revokedSerials: readonly string[];
  /** Until when that list counts; after it nothing that the authority issued does. Left out: there is no list. */
  readonly revocationsUntilUnixMs?: number;
}

/** A passkey that a PoP can judge without control. */
export interface PublishedPasskey {
  /** Credential id, base64url. */
  readonly id: string;
  /** COSE key, base64url. */
  readonly publicKey: string;
}

/** A device whose browser has a key of its own. */
export interface KnownDeviceRecord {
  readonly kind: 'knownDevice';
  /** Beginning of the SHA-256 of its key. */
  readonly id: string;
  /** Whose it is: it is known for them alone. */
  readonly userId: string;
  /** SubjectPublicKeyInfo of an ECDSA P-256 key, base64url. */
  readonly publicKey: string;
  /** By an administrator. */
  readonly approved: boolean;
}

/** The methods whose secret a PoP judges from its snapshot. */
export type SecretMethod = Exclude<CredentialMethod, 'certificate'>;
export const SECRET_METHODS = [
  'pin',
  'resource-password',
  'share-link',
  'service-token',
  'header',
] as const satisfies readonly SecretMethod[];

/** Something that opens resources to whoever knows its secret, of which this holds a hash. */
export interface CredentialRecord {
  readonly kind: 'credential';
  readonly id: string;
  readonly name: string;
  readonly method: SecretMethod;
  /** What it opens, where their policies admit its method. */
  readonly resourceIds: readonly string[];
  /** Grows when the secret changes; sessions of lower versions are over. */
  readonly version: number;
  /** argon2id (PHC string) where people choose the secret, SHA-256 (hexadecimal) of 256 random bits. */
  readonly secretHash: string;
  /** Of `header`: what comes before the colon of HTTP Basic. */
  readonly username?: string;
  /** Left out: never. */
  readonly expiresUnixMs?: number;
  /** Of a share link: how often it may begin a session. Left out: as often as people like. */
  readonly maximumUses?: number;
  /** When its secret was made; left out by older versions. */
  readonly madeUnixMs?: number;
  /** Of a share link: the part of the resource that it opens. Left out: all of it. */
  readonly pathPrefix?: string;
}

/** What an organisation says of all its resources. Where there is none it says nothing. */
export interface OrganisationPolicyRecord {
  readonly kind: 'organisationPolicy';
  /** The organisation's id. */
  readonly id: string;
  /** Its rules only restrict. */
  readonly policy: Policy;
  readonly lists: NamedLists;
}

/** What an identity provider calls a user. */
export interface PublishedIdentity {
  readonly providerId: string;
  readonly subject: string;
}

/** An identity provider that people sign in with, with its client's credentials: a PoP speaks with it while control is away. */
export interface IdentityProviderRecord {
  readonly kind: 'identityProvider';
  readonly id: string;
  readonly organisationId: string;
  /** In addresses: `google`. No two providers have the same. */
  readonly name: string;
  readonly clientId: string;
  /** Empty for a public client. */
  readonly clientSecret: string;
  readonly settings: ProviderSettings;
}
