import { fromBase64Url } from '../base/index.ts';
import type { CustomPage } from '../core/http-rules/index.ts';
import {
  type CertificateRecord,
  type ConnectorRecord,
  type DeviceRecord,
  type InstallationRecord,
  type KnownDeviceRecord,
  type OrganisationRecord,
  type ResourceRecord,
  recordKey,
  type SnapshotState,
} from '../core/link/index.ts';
import { encodeIdentityValue, HostTable, normaliseHost } from '../core/routing/index.ts';
import type { IssuerKey, IssuerKeys, SessionCrypto, SessionLifetimes, Verifier } from '../core/session/index.ts';
import { AcmeAnswers } from './acme/acme-answers.ts';
import { ClientAuthorities } from './client-authorities.ts';
import { KnownCredentials } from './credentials/known-credentials.ts';
import { KnownUsers } from './known-users.ts';
import { PublishedDomains } from './published-domains.ts';
import { PublishedPolicies, type PublishedStream } from './published-policies.ts';
import type { ChosenTarget, JudgedRecord, PublishedResource } from './published-resource.ts';

/** What a site's targets are reached through. */
export type SiteNode = ConnectorRecord | DeviceRecord;

interface KnownKey {
  readonly text: string;
  readonly verifier: Verifier;
  readonly issuer: IssuerKey;
}

/** One version of the snapshot, indexed for requests and never changed: a new version is a new view, swapped in whole. */
export class SnapshotView implements IssuerKeys {
  readonly state: SnapshotState;
  readonly installation: InstallationRecord;
  /** Of sessions with the portal. */
  readonly lifetimes: SessionLifetimes;
  readonly portalOrigin: string;
  readonly policies: PublishedPolicies;
  readonly certificates: readonly CertificateRecord[];
  readonly credentials: KnownCredentials;
  readonly clientAuthorities: ClientAuthorities;
  readonly acme: AcmeAnswers;
  readonly domains: PublishedDomains;
  /** Ids of enabled resources by their hosts. */
  readonly #hosts: HostTable<string>;
  readonly users: KnownUsers;
  readonly #organisations: ReadonlyMap<string, OrganisationRecord>;
  readonly #nodes: ReadonlyMap<string, readonly SiteNode[]>;
  readonly #nodesById: ReadonlyMap<string, SiteNode>;
  /** Ids of connectors and devices. */
  readonly nodeIds: ReadonlySet<string>;
  #resourcesByTarget: ReadonlyMap<string, PublishedResource<JudgedRecord>> | undefined;
  readonly #keys: ReadonlyMap<string, KnownKey>;
  readonly #popFields: ReadonlyMap<string, readonly string[]>;

  private constructor(
    state: SnapshotState,
    installation: InstallationRecord,
    crypto: SessionCrypto,
    previous: SnapshotView | undefined,
  ) {
    this.state = state;
    this.installation = installation;
    this.lifetimes = { idleMs: installation.sessionIdleMs, absoluteMs: installation.sessionAbsoluteMs };
    this.portalOrigin = this.originOf(installation.portalHost);
    this.policies = PublishedPolicies.of(state, installation.organisationId, previous);
    this.credentials =
      previous && !state.records.differsIn(previous.state.records, 'credential')
        ? previous.credentials
        : new KnownCredentials(state, previous?.credentials);
    this.clientAuthorities = ClientAuthorities.of([...state.ofKind('clientAuthority')], previous?.clientAuthorities);
    this.certificates = [...state.ofKind('certificate')];
    this.acme = AcmeAnswers.of(state, previous);
    this.domains = new PublishedDomains(state);
    this.users = new KnownUsers(state, installation);
    this.#organisations = new Map([...state.ofKind('organisation')].map((record) => [record.id, record]));
    const nodes: SiteNode[] = [...state.ofKind('connector'), ...state.ofKind('device')];
    this.#nodes = Map.groupBy(nodes, (node) => node.siteId);
    this.#nodesById = new Map(nodes.map((node) => [node.id, node]));
    this.nodeIds = new Set(this.#nodesById.keys());
    this.#keys = this.#keysOf(crypto, previous);
    this.#popFields = new Map(
      [...state.ofKind('pop')].map(({ id, name }) => [id, ['X-Manis-Pop', encodeIdentityValue(name)]]),
    );
    this.#hosts = this.#hostsSince(previous);
    if (previous?.resources === this.resources && previous.streams === this.streams)
      this.#resourcesByTarget = previous.#resourcesByTarget;
  }

  /** Undefined where the state lacks the installation's record, without which nothing can be served. */
  static of(state: SnapshotState, crypto: SessionCrypto, previous?: SnapshotView): SnapshotView | undefined {
    for (const installation of state.ofKind('installation'))
      return new SnapshotView(state, installation, crypto, previous);
    return undefined;
  }

  get resources(): ReadonlyMap<string, PublishedResource> {
    return this.policies.resources;
  }

  /** What is published without HTTP. */
  get streams(): ReadonlyMap<string, PublishedStream> {
    return this.policies.streams;
  }

  /** `https://host`, with the port where browsers need to say it. */
  originOf(host: string): string {
    return `https://${this.authorityOf(host)}`;
  }

  /** A host as browsers name it in public: with the installation's port unless that is HTTPS's own. */
  authorityOf(host: string): string {
    const { publicPort } = this.installation;
    return publicPort === 443 ? host : `${host}:${publicPort}`;
  }

  /** The enabled resource that a normalised host belongs to. */
  resourceAt(host: string): PublishedResource | undefined {
    const id = this.#hosts.find(host);
    return id === undefined ? undefined : this.resources.get(id);
  }

  /**
   * The resource that a sign-in goes back to, where the host that was asked for is written as hosts are, is not the
   * portal's, and belongs to the resource that was named.
   */
  resourceToReturnTo(asked: { readonly resourceId: string; readonly host: string }): PublishedResource | undefined {
    const host = normaliseHost(asked.host);
    if (typeof host === 'string' || host.name !== asked.host || host.name === this.installation.portalHost)
      return undefined;
    const resource = this.resourceAt(asked.host);
    return resource?.record.id === asked.resourceId ? resource : undefined;
  }

  /** Whose a resource is. */
  organisationOf({ organisationId }: Pick<ResourceRecord, 'organisationId'>): string {
    return organisationId ?? this.installation.organisationId;
  }

  /** A device by the id of its key. */
  knownDevice(id: string): KnownDeviceRecord | undefined {
    const record = this.state.records.get(recordKey({ kind: 'knownDevice', id }));
    return record?.kind === 'knownDevice' ? record : undefined;
  }

  /** How long sessions with a resource live. */
  lifetimesAt(resource: Pick<ResourceRecord, 'organisationId'>): SessionLifetimes {
    const organisation = this.#organisations.get(this.organisationOf(resource));
    if (!organisation) return this.lifetimes;
    return { idleMs: organisation.sessionIdleMs, absoluteMs: organisation.sessionAbsoluteMs };
  }

  /** Pages of the organisation in place of Manis's own. */
  errorPagesOf(resource: Pick<ResourceRecord, 'organisationId'>): readonly CustomPage[] {
    return this.#organisations.get(this.organisationOf(resource))?.errorPages ?? [];
  }

  /** The connectors and devices of a site. */
  nodesOf(siteId: string): readonly SiteNode[] {
    return this.#nodes.get(siteId) ?? [];
  }

  /** A connector or device. */
  node(id: string): SiteNode | undefined {
    return this.#nodesById.get(id);
  }

  /** The resource, enabled or not, that a target belongs to. */
  resourceOfTarget(targetId: string): PublishedResource<JudgedRecord> | undefined {
    this.#resourcesByTarget ??= new Map(
      [...this.resources.values(), ...this.streams.values()].flatMap((resource: PublishedResource<JudgedRecord>) =>
        [...resource.targets.keys()].map((id) => [id, resource]),
      ),
    );
    return this.#resourcesByTarget.get(targetId);
  }

  /** Whether a target is as it was when it was taken from here. */
  holds(target: ChosenTarget): boolean {
    return this.resourceOfTarget(target.id)?.targets.get(target.id) === target;
  }

  /** X-Manis-Pop, the name of a PoP for backends. */
  popFields(popId: string): readonly string[] {
    return this.#popFields.get(popId) ?? [];
  }

  keyOf(keyId: string): IssuerKey | undefined {
    return this.#keys.get(keyId)?.issuer;
  }

  /** Every PoP's key: any of them may sign assertions. */
  assertionKeys(): { id: string; publicKey: Uint8Array }[] {
    return [...this.state.ofKind('pop')].flatMap(({ id, signingKey }) => {
      const publicKey = fromBase64Url(signingKey);
      return publicKey ? [{ id, publicKey }] : [];
    });
  }

  /** The portal's host belongs to the portal, whatever a resource claims. */
  #hostsSince(previous: SnapshotView | undefined): HostTable<string> {
    const { portalHost } = this.installation;
    if (previous?.installation.portalHost === portalHost && this.#hasHostsOf(previous)) return previous.#hosts;
    const hosts = new HostTable<string>();
    for (const { record } of this.resources.values())
      if (record.enabled && record.host !== portalHost) hosts.add(record.host, record.id);
    return hosts;
  }

  /** Whether the same resources are enabled at the same hosts. */
  #hasHostsOf(previous: SnapshotView): boolean {
    if (previous.resources === this.resources) return true;
    if (previous.resources.size !== this.resources.size) return false;
    for (const { id, host, enabled } of this.state.records.putSince(previous.state.records, 'resource')) {
      const old = previous.resources.get(id)?.record;
      if (old?.host !== host || old.enabled !== enabled) return false;
    }
    return true;
  }

  #keysOf(crypto: SessionCrypto, previous: SnapshotView | undefined): ReadonlyMap<string, KnownKey> {
    const keys = new Map<string, KnownKey>();
    const take = (id: string, text: string, issuer: IssuerKey['issuer']): void => {
      const old = previous ? previous.#keys.get(id) : undefined;
      const verifier = old?.text === text ? old.verifier : verifierOf(crypto, text);
      if (!verifier) return;
      // Control's word on who may sign for resources is that they are in the snapshot of this PoP.
      const mayIssue: IssuerKey['mayIssue'] = (claims) =>
        claims.kind === 'portal' || this.resources.has(claims.resourceId) || this.streams.has(claims.resourceId);
      keys.set(id, { text, verifier, issuer: { verifier, issuer, mayIssue } });
    };
    for (const pop of this.state.ofKind('pop')) take(pop.id, pop.signingKey, 'pop');
    for (const control of this.state.ofKind('control')) take(control.id, control.signingKey, 'control');
    return keys;
  }
}

function verifierOf(crypto: SessionCrypto, text: string): Verifier | undefined {
  const publicKey = fromBase64Url(text);
  return publicKey && crypto.verifier(publicKey);
}
