import { type Clock, toBase64Url, utf8 } from '../../base/index.ts';
import {
  canonicalJson,
  type SignedDocument,
  type SigningPort,
  type SiteGrant,
  type SiteGrantRecord,
  type SnapshotVersion,
  signDocument,
} from '../../core/link/index.ts';
import {
  nextRevision,
  type PublishedRows,
  publishedCounters,
  publishedRows,
  putSiteGrant,
  type SiteGrantsTable,
  type Store,
  type StoreTransaction,
  touchCursor,
  touchesSince,
} from '../../io/store/index.ts';
import { DELEGATION_RENEW_BEFORE_MS, NODE_SILENT_MS } from '../constants.ts';
import type { ControlKeys } from '../keys.ts';
import type { Reading } from './reading.ts';
import { type Publication, popOf } from './records.ts';
import { grantedTargetOf } from './targets.ts';

export interface SiteGrantsOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly keys: ControlKeys;
  readonly signing: SigningPort;
  readonly publication: Pick<Publication, 'portalHost'>;
}

type Unsigned = Omit<SiteGrant, 'version'>;
type Due = { readonly grant: Unsigned; readonly digest: string };
type Signature = Pick<SignedDocument, 'keyId'> & { readonly notAfterUnixMs: number };

/**
 * Signs what each site may do. A signed grant is a row of the store, made by the first control node that finds it
 * missing or outdated, so that one revision is the same bytes from every node, and a PoP that changes nodes fits on.
 * A grant is signed anew only when its contents change, so PoPs are not told for nothing.
 */
export class SiteGrants {
  readonly #options: SiteGrantsOptions;
  /** By site, the digest that this node signed last. */
  readonly #lastSigned = new Map<string, string>();
  /** By site, who signed its grant, as it was read last. */
  #signatures = new Map<string, Signature>();
  /** Sites of which another node says otherwise, for as long as it lives. */
  readonly #disputed = new Set<string>();

  constructor(options: SiteGrantsOptions) {
    this.#options = options;
  }

  /**
   * Signs what is due of a reading, under a revision of its own. Gives the reading as it is then, the same where nothing
   * was due; undefined where others changed something meanwhile: the rows are to be read again.
   */
  async renew(reading: Reading): Promise<Reading | undefined> {
    const { rows, part } = reading;
    if (!part) this.#disputed.clear();
    const due = this.#due(rows);
    if (due.length === 0) return reading;
    return this.#options.store.transaction(async (transaction) => {
      if (await isAsRead(transaction, reading)) return this.#putAll(transaction, due, reading);
      const meanwhile = this.#due(await publishedRows(transaction, part));
      // Another node may have been faster.
      if (meanwhile.length > 0) await this.#putAll(transaction, meanwhile, reading);
      return undefined;
    });
  }

  async #putAll(transaction: StoreTransaction, due: readonly Due[], reading: Reading): Promise<Reading> {
    const version = await nextRevision(transaction);
    const made = due.map((grant) => this.#signedRow(grant, version));
    for (const row of made) await putSiteGrant(transaction, row);
    const signed = new Set(made.map((row) => row.site_id));
    const { rows, part } = reading;
    const grants = [...rows.grants.filter((row) => !signed.has(row.site_id)), ...made];
    const counters = { ...rows.counters, ...version };
    return { rows: { ...rows, grants, counters }, part, cursor: await touchCursor(transaction) };
  }

  /** Whether time alone makes a grant due, or may, that nobody touched: then everything is to be read. */
  isAnyDue({ controlNodes }: Pick<PublishedRows, 'controlNodes'>): boolean {
    if (this.#disputed.size > 0) return true;
    const nodes = new Set(controlNodes.map(({ id }) => id));
    for (const { keyId, notAfterUnixMs } of this.#signatures.values())
      if (!nodes.has(keyId) || this.#endsSoon(notAfterUnixMs)) return true;
    return false;
  }

  records({ rows, part }: Pick<Reading, 'rows' | 'part'>): SiteGrantRecord[] {
    if (!part) this.#signatures = new Map();
    for (const id of part?.ids('site') ?? []) this.#signatures.delete(id);
    return rows.grants.map((row) => {
      const signed = JSON.parse(row.document) as SignedDocument;
      const { keyId, delegation } = signed;
      this.#signatures.set(row.site_id, { keyId, notAfterUnixMs: delegation.notAfterUnixMs });
      return { kind: 'siteGrant', id: row.site_id, signed };
    });
  }

  /** Grants that say something else than they should, are of another epoch, or were signed by a word that ends soon. */
  #due(rows: PublishedRows): Due[] {
    const present = new Map(rows.grants.map((row) => [row.site_id, row]));
    for (const { id } of rows.sites) this.#disputed.delete(id);
    const seenAfterUnixMs = this.#options.clock.unixMs() - NODE_SILENT_MS;
    const nodes = new Map(rows.controlNodes.map(({ id, seen_unix_ms: seen }) => [id, seen > seenAfterUnixMs]));
    const grants = grantsOf(rows, this.#options.publication.portalHost, this.#options.keys.connectorProof.publicKey);
    return grants
      .map((grant) => ({ grant, digest: this.#digestOf(grant) }))
      .filter(({ grant, digest }) => {
        const row = present.get(grant.siteId);
        if (row?.epoch !== rows.counters.epoch) return true;
        const { keyId, delegation } = JSON.parse(row.document) as SignedDocument;
        if (!nodes.has(keyId) || this.#endsSoon(delegation.notAfterUnixMs)) return true;
        if (row.digest === digest) return false;
        // Nodes of two versions may see the same rows differently: each has its say once, and none corrects the other for ever.
        const isDue = this.#lastSigned.get(grant.siteId) !== digest || nodes.get(keyId) === false;
        if (!isDue) this.#disputed.add(grant.siteId);
        return isDue;
      });
  }

  /** Only where this node's own word lasts longer; nodes would sign in turns otherwise. */
  #endsSoon(notAfterUnixMs: number): boolean {
    const { clock, keys } = this.#options;
    const isNear = notAfterUnixMs - clock.unixMs() < DELEGATION_RENEW_BEFORE_MS;
    return isNear && keys.delegation().notAfterUnixMs > notAfterUnixMs;
  }

  #signedRow({ grant, digest }: Due, version: SnapshotVersion): SiteGrantsTable {
    const document = JSON.stringify(this.#sign(grant, version));
    this.#lastSigned.set(grant.siteId, digest);
    return { site_id: grant.siteId, digest, document, ...version };
  }

  #sign(grant: Unsigned, version: SnapshotVersion): SignedDocument {
    const { keys } = this.#options;
    const payload = JSON.stringify({ ...grant, version } satisfies SiteGrant);
    return signDocument('manis site grant v1', payload, keys.signer, keys.delegation());
  }

  #digestOf(grant: Unsigned): string {
    return toBase64Url(this.#options.signing.sha256(utf8(canonicalJson(grant))));
  }
}

/** Whether nobody has published or touched anything since. Otherwise what is signed might be of no revision at all. */
async function isAsRead(transaction: StoreTransaction, { rows, cursor }: Reading): Promise<boolean> {
  const { epoch, revision } = await publishedCounters(transaction);
  if (epoch !== rows.counters.epoch || revision !== rows.counters.revision) return false;
  return (await touchesSince(transaction, cursor, await touchCursor(transaction)))?.length === 0;
}

function grantsOf(rows: PublishedRows, portalHost: string, key: string): Unsigned[] {
  const targets = Map.groupBy(rows.targets, (target) => target.site_id);
  const asked = new Map(rows.askedDiagnoses.map((row) => [row.connector_id, row.asked]));
  const wishes = Map.groupBy(
    rows.connectors.flatMap(({ id: connectorId, site_id: siteId }) => {
      const wish = asked.get(connectorId);
      return wish === undefined ? [] : [{ siteId, connectorId, asked: wish }];
    }),
    ({ siteId }) => siteId,
  );
  const pops = rows.pops.map(popOf).map(({ kind: _kind, signingKey: _key, ...granted }) => granted);
  return rows.sites.map((site) => ({
    siteId: site.id,
    portalHost,
    ...(typeof site.publishing === 'string' && { publishing: { key } }),
    ...(wishes.has(site.id) && {
      examine: (wishes.get(site.id) ?? []).map(({ connectorId, asked: wish }) => ({ connectorId, asked: wish })),
    }),
    pops,
    targets: (targets.get(site.id) ?? []).map(grantedTargetOf),
  }));
}
