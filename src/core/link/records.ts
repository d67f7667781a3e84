/**
 * What a snapshot is made of: one record per thing that a PoP must know, each with a `kind` and an `id` that is unique
 * within the kind. Everything is plain JSON. Times are Unix milliseconds, keys are base64 (WireGuard) or base64url
 * (Ed25519) of the raw 32 bytes, addresses are canonical text.
 */
import type { CaptureSettings } from '../capture/index.ts';
import type { HttpSettings } from '../http-rules/index.ts';
import type { Policy } from '../policy/index.ts';
import type { BalanceSettings, TargetCheck } from '../routing/index.ts';
import type {
  ClientAuthorityRecord,
  CredentialRecord,
  IdentityProviderRecord,
  KnownDeviceRecord,
  MailRecord,
  OrganisationPolicyRecord,
  OrganisationRecord,
  PublishedIdentity,
  PublishedPasskey,
  UserMembership,
} from './records-of-access.ts';
import type { AcmeChallengeRecord, CertificateRecord } from './records-of-certificates.ts';
import type { DomainRecord, TicketSecretRecord } from './records-of-edge.ts';
import type { StreamResourceRecord } from './records-of-streams.ts';

/** Installation-wide facts; exactly one, with id `installation`. */
export interface InstallationRecord {
  readonly kind: 'installation';
  readonly id: 'installation';
  readonly organisationId: string;
  readonly organisationName: string;
  /** Host of portal, dashboard and API, without a port: `manis.localhost`. */
  readonly portalHost: string;
  /** Port that browsers use in URLs (443 in production, the loopback port in the local network). */
  readonly publicPort: number;
  readonly sessionIdleMs: number;
  readonly sessionAbsoluteMs: number;
  /** For how long a PoP that hears nothing from control may serve from its snapshot. */
  readonly stalenessMs: number;
  /** The zone that is delegated to the PoPs' name servers: `apps.example.com`. Left out: none. */
  readonly dnsZone?: string;
  /** Authorities that may issue certificates for its names (CAA): `letsencrypt.org`. Left out: any. */
  readonly certificateIssuers?: readonly string[];
}

/** A node of the control plane and the keys it signs with, delegated by the root key. */
export interface ControlRecord {
  readonly kind: 'control';
  readonly id: string;
  /** Ed25519, base64url. Signs portal sessions, snapshots and site grants. */
  readonly signingKey: string;
  /** `https://host:port`, where PoPs may link with it. */
  readonly url?: string;
}

export interface PopRecord {
  readonly kind: 'pop';
  readonly id: string;
  readonly name: string;
  readonly location: PopLocation;
  /** Curve25519, base64: its WireGuard key. */
  readonly wireguardKey: string;
  readonly overlayAddress: string;
  /** Where connectors send WireGuard datagrams: `host:port` or `[v6]:port`. */
  readonly udpEndpoints: readonly string[];
  /** Where browsers reach it: `host:port` or `[v6]:port`. */
  readonly httpsEndpoints: readonly string[];
  /** Ed25519, base64url. Signs the resource sessions and assertions that this PoP issues. */
  readonly signingKey: string;
  /** An administrator wants it empty: no new users, no new tunnels. Left out: no. */
  readonly draining?: boolean;
  /** When it was enrolled; left out by older versions. */
  readonly createdUnixMs?: number;
}

export interface PopLocation {
  /** For people: `Amsterdam`. */
  readonly name: string;
  readonly latitude: number;
  readonly longitude: number;
}

export interface ConnectorRecord {
  readonly kind: 'connector';
  readonly id: string;
  readonly name: string;
  readonly siteId: string;
  readonly wireguardKey: string;
  readonly overlayAddress: string;
  /** An administrator wants it empty: new streams go to others of its site. Left out: no. */
  readonly draining?: boolean;
}

/** A plain WireGuard device as a way into its site. It has one tunnel, to one PoP. */
export interface DeviceRecord {
  readonly kind: 'device';
  readonly id: string;
  readonly name: string;
  readonly siteId: string;
  readonly wireguardKey: string;
  /** The IPv4 address that control gave it. */
  readonly overlayAddress: string;
  /** The PoP that its tunnel goes to; left out where that PoP is gone. */
  readonly popId?: string;
  /** Targets of its site that are reached by address; it may send from these addresses besides its own. */
  readonly targets: readonly DeviceTarget[];
}

export interface DeviceTarget {
  readonly id: string;
  /** IPv4. */
  readonly address: string;
  readonly port: number;
}

export interface ResourceRecord {
  readonly kind: 'resource';
  readonly id: string;
  /** Left out by an older control: the installation's. */
  readonly organisationId?: string;
  readonly name: string;
  /** Normalised host name without a port; `*.example.com` matches one label. */
  readonly host: string;
  readonly enabled: boolean;
  readonly policy: Policy;
  readonly targets: readonly TargetRecord[];
  /** The identity provider that people are led to at once. Left out: they choose. */
  readonly providerId?: string;
  /** Left out: `DEFAULT_BALANCE` of core/routing. */
  readonly balance?: BalanceSettings;
  /** Every decision is an audit event, not only the first of its kind in a while. */
  readonly auditsAll?: boolean;
  /** Which requests are logged: those that were refused or failed, or none. Left out: all. */
  readonly logs?: 'refused' | 'none';
  /** What is captured of its requests. Left out: nothing. */
  readonly capture?: CaptureSettings;
  /** Routes, header rules, limits and the like. Left out: nothing differs from the default. */
  readonly http?: HttpSettings;
  /** Targets speak no HTTP: bytes reach them within a WebSocket, for `manis access tcp`. Left out: no. */
  readonly access?: true;
}

export interface TargetRecord {
  readonly id: string;
  readonly siteId: string;
  /** The target's stable port on the overlay address of each of the site's connectors. */
  readonly overlayPort: number;
  readonly scheme: 'http' | 'https';
  /** What the PoP writes into `Host`; the browser's host when absent. */
  readonly hostHeader?: string;
  /** Left out: HTTP/1.1. */
  readonly protocol?: 'h2';
  /** For https targets: name to ask for and verify; `verify: false` is spelled out. */
  readonly tls?: TargetTls;
  /** Lower is preferred. */
  readonly priority: number;
  readonly weight: number;
}

/** How TLS with a target is set up. */
export interface TargetTls {
  readonly serverName?: string;
  readonly verify: boolean;
  /** Who vouches for the target, in place of the public authorities: one or more certificates, PEM. */
  readonly caPem?: string;
  /** What the PoP shows to the target, leaf first. */
  readonly clientCertificate?: { readonly chainPem: string; readonly keyPem: string };
}

/** What a PoP needs of a user to judge requests and write identity headers. Never a secret. */
export interface UserRecord {
  readonly kind: 'user';
  readonly id: string;
  readonly email: string;
  readonly name: string;
  /** In the installation's own organisation. */
  readonly roles: readonly string[];
  /** Left out: a member of the installation's own organisation alone, with `roles`, and in no group. */
  readonly memberships?: readonly UserMembership[];
  readonly disabled: boolean;
  /** What identity providers call them. Left out: none. */
  readonly identities?: readonly PublishedIdentity[];
  /** Left out: none. */
  readonly passkeys?: readonly PublishedPasskey[];
  /** Signed in by one factor they are asked for a second one by Manis. Left out: no. */
  readonly asksFactor?: true;
  /** Something of the console is theirs to see, though they are no `owner` and no `admin`. Left out: no. */
  readonly seesConsole?: true;
}

/** What a site's connectors may do, signed by control; a PoP passes it on and cannot change it. */
export interface SiteGrantRecord {
  readonly kind: 'siteGrant';
  /** The site's id. */
  readonly id: string;
  readonly signed: SignedDocument;
}

export type LinkRecord =
  | InstallationRecord
  | ControlRecord
  | PopRecord
  | ConnectorRecord
  | DeviceRecord
  | ResourceRecord
  | StreamResourceRecord
  | UserRecord
  | OrganisationRecord
  | KnownDeviceRecord
  | ClientAuthorityRecord
  | CertificateRecord
  | AcmeChallengeRecord
  | DomainRecord
  | TicketSecretRecord
  | CredentialRecord
  | SiteGrantRecord
  | IdentityProviderRecord
  | MailRecord
  | OrganisationPolicyRecord;

export type RecordKind = LinkRecord['kind'];

/**
 * A JSON document as text with the signature over `domain || 0x00 || payload`, so nothing has to be re-serialised to
 * verify it. `delegation` proves with the pinned root key that the signer may sign this.
 */
export interface SignedDocument {
  readonly payload: string;
  readonly keyId: string;
  /** Ed25519, base64url. */
  readonly signature: string;
  readonly delegation: Delegation;
}

/** The root key's word that a control node's key may sign until `notAfterUnixMs`. */
export interface Delegation {
  readonly controlId: string;
  readonly signingKey: string;
  readonly notAfterUnixMs: number;
  /** Ed25519 of the root key over `manis delegation v1 \0 controlId \0 signingKey \0 notAfterUnixMs`, base64url. */
  readonly signature: string;
}

/** The payload of a site grant. */
export interface SiteGrant {
  readonly siteId: string;
  /** Grows with every change; a connector never takes a lower one. */
  readonly version: SnapshotVersion;
  /** A host that every PoP serves: what carriers ask for. Older grants have none. */
  readonly portalHost?: string;
  /** Left out: its connectors publish nothing by themselves. Else control's key, for what they hand in. */
  readonly publishing?: { readonly key: string };
  /** Connectors that somebody wants to look at their network; each wish has a greater number. Left out: none. */
  readonly examine?: readonly { readonly connectorId: string; readonly asked: number }[];
  readonly pops: readonly GrantedPop[];
  readonly targets: readonly GrantedTarget[];
}

/** What a connector must know of a PoP. */
export type GrantedPop = Omit<PopRecord, 'kind' | 'signingKey'>;

/** What the connector dials when a stream for `overlayPort` arrives. Nothing else is ever dialled. */
export interface GrantedTarget {
  readonly id: string;
  readonly overlayPort: number;
  /** A name, which is looked up anew for each connection, or an address; with `transport: 'unix'` an absolute path. */
  readonly host: string;
  readonly port: number;
  /** Left out: TCP. `unix`: a socket of the connector's machine, where the port says nothing. */
  readonly transport?: 'unix' | 'udp';
  /** How many ports from `overlayPort` on lead to as many from `port` on. Left out: one. */
  readonly ports?: number;
  /** How the connector finds out whether the target is well; nothing is checked without it. */
  readonly check?: TargetCheck;
}

/** (epoch, revision): a restore or failover of the store starts a new epoch; revisions grow within one. */
export interface SnapshotVersion {
  readonly epoch: number;
  readonly revision: number;
}
