import type { IpAddress } from '../../base/address.ts';
import type { CredentialMethod } from './login-method.ts';
import type { NormalisedTarget } from './request-target.ts';

/** What a policy may look at in a request. Built once a request, by the ingress. */
export interface PolicyContext {
  /** The client's address behind trusted proxies, IPv4-mapped addresses unmapped; undefined where it is not known. */
  readonly clientAddress: IpAddress | undefined;
  /** The one normalised target, the same that goes to the backend. */
  readonly target: NormalisedTarget;
  /** The request method as it was sent; methods are case-sensitive (RFC 9110 section 9.1). */
  readonly method: string;
  /** Milliseconds since the Unix epoch. */
  readonly nowUnixMs: number;
  /** Where the client's address is; undefined where nobody knows. */
  readonly place: AddressPlace | undefined;
  /** What the client says it runs on. Anybody can say anything, so it is a hint. */
  readonly device: DeviceHints;
  /** The verified certificate that the client proved to hold. */
  readonly certificate: ClientCertificate | undefined;
  /** A connection or session of datagrams, not a request: `target`, `method` and `header` say nothing then. Left out: a request. */
  readonly isStream?: boolean;
  /** Members of the resource's organisation who signed in from the client's address lately. Left out: that is not known. */
  readonly recentSignIns?: readonly Subject[];
  /** A header field by its name in lower case; several fields of one name joined by `, `. */
  header(name: string): string | undefined;
}

/** Where an address is, as offline databases say. Each part may be unknown. */
export interface AddressPlace {
  /** ISO 3166-1 alpha-2, in capitals. */
  readonly country?: string;
  readonly continent?: Continent;
  /** Number of the autonomous system (RFC 6793). */
  readonly asn?: number;
}

export const CONTINENTS = ['AF', 'AN', 'AS', 'EU', 'NA', 'OC', 'SA'] as const;
export type Continent = (typeof CONTINENTS)[number];

/** Read from User-Agent and client hints. A part that is undefined is not known. */
export interface DeviceHints {
  readonly kind?: DeviceKind;
  readonly os?: DeviceOs;
  readonly browser?: DeviceBrowser;
}

export const DEVICE_KINDS = ['desktop', 'phone', 'tablet', 'tv', 'bot'] as const;
export type DeviceKind = (typeof DEVICE_KINDS)[number];
export const DEVICE_OSES = ['windows', 'macos', 'ios', 'android', 'linux', 'chromeos'] as const;
export type DeviceOs = (typeof DEVICE_OSES)[number];
export const DEVICE_BROWSERS = ['chrome', 'edge', 'firefox', 'safari', 'opera', 'samsung'] as const;
export type DeviceBrowser = (typeof DEVICE_BROWSERS)[number];

/** A client certificate whose chain and validity were verified. */
export interface ClientCertificate {
  /** SHA-256 of the certificate, 64 hexadecimal digits in lower case. */
  readonly fingerprint: string;
  /** Which of the organisation's authorities vouches for it. */
  readonly authorityId: string;
  readonly commonName: string;
  /** The e-mail addresses of its subject alternative names. */
  readonly emails: readonly string[];
}

/** A request of which nothing is known but what is given here. */
export function plainContext(
  known: Pick<PolicyContext, 'clientAddress' | 'target' | 'method' | 'nowUnixMs'> & Partial<PolicyContext>,
): PolicyContext {
  return { place: undefined, device: {}, certificate: undefined, header: () => undefined, ...known };
}

/**
 * Who is asking, as the snapshot and the session say. `undefined` in place of a subject means nobody. A user has an
 * account; a guest proved an e-mail address for one resource; a holder gave a credential such as a PIN.
 */
export interface Subject {
  readonly kind: 'user' | 'guest' | 'holder';
  /** Empty unless a user. */
  readonly userId: string;
  /** Verified; empty for holders. */
  readonly email: string;
  readonly roles: readonly string[];
  readonly groups: readonly string[];
  /** How the person proved who they are (see `LoginMethod`). */
  readonly methods: readonly string[];
  /** Whether a second factor, or one that stands for two, was given. */
  readonly mfa: boolean;
  /** When the person last proved who they are, in milliseconds since the Unix epoch. */
  readonly authenticatedAtUnixMs: number;
  /** What a holder gave. */
  readonly credential?: { readonly id: string; readonly method: CredentialMethod };
  /** The identity provider that the user came from. */
  readonly providerId?: string;
  /** Left out where the browser proved nothing. */
  readonly device?: { readonly known: boolean; readonly approved: boolean };
  /** When the second factor was given. */
  readonly mfaAtUnixMs?: number;
}
