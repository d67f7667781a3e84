/** A quick tunnel: site, resources, what lets people in, and the token of its connector, all at once or not at all. */
import type { z } from 'zod';
import type { Policy } from '../../core/policy/index.ts';
import {
  type CredentialsTable,
  insertCredential,
  insertEnrolmentToken,
  insertQuickTunnel,
  insertResource,
  insertSite,
  type QuickTunnelsTable,
  type ResourcesTable,
  type StoreTransaction,
  setCredentialResources,
} from '../../io/store/index.ts';
import { newEnrolmentToken } from '../api/enrolment-tokens.ts';
import { readPolicy } from '../api/policy-shapes.ts';
import { targetBody } from '../api/target-shapes.ts';
import { addTarget } from '../api/targets.ts';
import { publishChange } from '../change.ts';
import { ENROLMENT_TOKEN_LIFETIME_MS } from '../constants.ts';
import type { Control } from '../control.ts';
import { type CredentialSecret, makeSecret } from '../credentials/credential-secrets.ts';
import { requireFreeHost } from '../host-claims.ts';
import { normaliseHost } from '../host-names.ts';
import { newId } from '../ids.ts';
import type { Principal } from '../principal.ts';
import { requireRoom } from '../quotas.ts';
import { requireOwn } from '../rights.ts';
import { QUICK_TUNNEL_LEASE_MS } from './constants.ts';
import { guardPolicy, methodOfGuard } from './guard.ts';
import type { newQuickTunnel } from './shapes.ts';
import { randomLabel, zoneOf } from './zone.ts';

type Wish = z.output<typeof newQuickTunnel>;

export interface MadeQuickTunnel {
  readonly row: QuickTunnelsTable;
  readonly resources: readonly ResourcesTable[];
  readonly joinToken: string;
  /** PIN or password. */
  readonly secret: string | undefined;
}

/** Failures `rights-missing`, `quick-tunnel-nowhere`, `quota-reached`, `host-taken`, `policy-invalid`, `secret-weak`. */
export async function makeQuickTunnel(
  control: Control,
  principal: Principal,
  organisationId: string,
  wish: Wish,
): Promise<MadeQuickTunnel> {
  const policy = policyOf(principal, wish);
  // To choose a name is to publish it, whole or a label of the zone: who may not is given one by chance.
  if (wish.applications.some(({ host }) => host !== undefined)) requireOwn(principal, ['resource.write']);
  const method = methodOfGuard(wish.guard.kind);
  const chosen = 'secret' in wish.guard ? wish.guard.secret : undefined;
  const secret = method && (await makeSecret(control, method, chosen));
  const made = await publishChange(control, principal, async (transaction) => {
    await requireRoom(control, transaction, organisationId, 'quickTunnels');
    const value = await new Making(control, transaction, organisationId, wish).make(policy, secret, principal.name);
    const { row, resources } = value;
    const detail = {
      guard: wish.guard.kind,
      hosts: resources.map(({ host }) => host),
      expiresUnixMs: row.expires_unix_ms,
    };
    return { value, note: { action: 'quick-tunnel.add', subject: row.id, detail } };
  });
  await control.hostsChanged();
  return made;
}

/** What lets in whom the caller does not choose needs more than the right to have a quick tunnel. */
function policyOf(principal: Principal, { guard }: Wish): Policy {
  if (guard.kind === 'policy' || guard.kind === 'public') requireOwn(principal, ['policy.write']);
  return guard.kind === 'policy' ? readPolicy(guard.policy, 'guard.policy') : guardPolicy(guard.kind);
}

class Making {
  readonly #control: Control;
  readonly #transaction: StoreTransaction;
  readonly #organisationId: string;
  readonly #wish: Wish;
  readonly #nowUnixMs: number;
  readonly #expiresUnixMs: number;

  constructor(control: Control, transaction: StoreTransaction, organisationId: string, wish: Wish) {
    this.#control = control;
    this.#transaction = transaction;
    this.#organisationId = organisationId;
    this.#wish = wish;
    this.#nowUnixMs = Math.round(control.clock.unixMs());
    this.#expiresUnixMs = this.#nowUnixMs + wish.lifetimeMs;
  }

  async make(policy: Policy, secret: CredentialSecret | undefined, createdBy: string): Promise<MadeQuickTunnel> {
    const siteId = await this.#site();
    const resources: ResourcesTable[] = [];
    const keptUrls: Record<string, unknown> = {};
    for (const application of this.#wish.applications) {
      const resource = await this.#resource(application, policy);
      const target = { ...targetBody.parse({ siteId, url: application.url }), hostHeader: application.hostHeader };
      const { id } = await addTarget(this.#control, this.#transaction, this.#organisationId, resource, target);
      if (application.keptUrl !== undefined) keptUrls[id] = application.keptUrl;
      resources.push(resource);
    }
    const resourceIds = resources.map(({ id }) => id);
    const credentialId = secret ? await this.#credential(secret, resourceIds) : null;
    const row: QuickTunnelsTable = {
      id: this.#id('qtn'),
      organisation_id: this.#organisationId,
      name: this.#wish.name ?? resources[0]?.name ?? '',
      site_id: siteId,
      resource_ids: JSON.stringify(resourceIds),
      credential_id: credentialId,
      kept_urls: JSON.stringify(keptUrls),
      created_by: createdBy,
      created_unix_ms: this.#nowUnixMs,
      expires_unix_ms: this.#expiresUnixMs,
      lease_unix_ms: this.#nowUnixMs + QUICK_TUNNEL_LEASE_MS,
    };
    await insertQuickTunnel(this.#transaction, row);
    return { row, resources, joinToken: await this.#token(siteId), secret: secret?.secret };
  }

  async #site(): Promise<string> {
    const id = this.#id('sit');
    await requireRoom(this.#control, this.#transaction, this.#organisationId, 'sites');
    await insertSite(this.#transaction, {
      ...{ id, organisation_id: this.#organisationId, name: randomLabel(this.#control.random) },
      ...{ created_unix_ms: this.#nowUnixMs, expires_unix_ms: this.#expiresUnixMs },
    });
    return id;
  }

  async #resource(application: Wish['applications'][number], policy: Policy): Promise<ResourcesTable> {
    const host = await this.#host(application.host);
    const row: ResourcesTable = {
      ...{ id: this.#id('res'), organisation_id: this.#organisationId, name: application.name ?? host, host },
      ...{ enabled: 1, policy: JSON.stringify(policy), balancing: 'round-robin', sticky: 'none', panic_threshold: 0 },
      ...{ provider_id: null, http_settings: null, kind: 'http', listen: null, proxy_protocol: null },
      ...{ created_unix_ms: this.#nowUnixMs, expires_unix_ms: this.#expiresUnixMs },
    };
    await requireFreeHost(this.#control, this.#transaction, row);
    await requireRoom(this.#control, this.#transaction, this.#organisationId, 'resources');
    await insertResource(this.#transaction, row);
    await this.#control.hostCertificates.comes(this.#transaction, row);
    return row;
  }

  /** A label of the zone, one by chance where none is given; or a whole name as it is. */
  async #host(given: string | undefined): Promise<string> {
    const { random, portalHost } = this.#control;
    if (given?.includes('.')) return normaliseHost(given, portalHost);
    const zone = await zoneOf(this.#control, this.#transaction, this.#organisationId);
    return normaliseHost(`${given ?? randomLabel(random)}.${zone}`, portalHost);
  }

  async #credential({ hash }: CredentialSecret, resourceIds: readonly string[]): Promise<string> {
    const method = methodOfGuard(this.#wish.guard.kind) ?? 'pin';
    const row: CredentialsTable = {
      ...{ id: this.#id('crd'), organisation_id: this.#organisationId, name: 'Quick tunnel', method },
      ...{ username: null, secret_hash: hash, version: 1, expires_unix_ms: this.#expiresUnixMs },
      ...{ maximum_uses: null, path_prefix: null },
      ...{ created_unix_ms: this.#nowUnixMs, rotated_unix_ms: this.#nowUnixMs },
    };
    await requireRoom(this.#control, this.#transaction, this.#organisationId, 'credentials');
    await insertCredential(this.#transaction, row);
    await setCredentialResources(this.#transaction, row.id, resourceIds);
    return row.id;
  }

  async #token(siteId: string): Promise<string> {
    const nowhere = { name: null, location_name: null, latitude: null, longitude: null };
    const purpose = { kind: 'connector' as const, site_id: siteId, ...nowhere };
    const { row, made } = newEnrolmentToken(this.#control, purpose, ENROLMENT_TOKEN_LIFETIME_MS);
    await insertEnrolmentToken(this.#transaction, row);
    return made.joinToken;
  }

  #id(prefix: 'qtn' | 'sit' | 'res' | 'crd'): string {
    return newId(prefix, this.#control.clock, this.#control.random);
  }
}
