import {
  canonicalJson,
  type Delegation,
  type SignedDocument,
  type Signer,
  type SiteGrant,
  type SiteGrantRecord,
  type SnapshotVersion,
  signDocument,
} from '../../core/link/index.ts';
import type { PublishedRows } from '../../io/store/index.ts';
import { grantedTargetOf, popOf } from './records.ts';

/** Signs what each site may do. A grant is signed anew only when its contents change, so PoPs are not told for nothing. */
export class SiteGrants {
  readonly #signed = new Map<string, { readonly contents: string; readonly document: SignedDocument }>();

  records(rows: PublishedRows, version: SnapshotVersion, signer: Signer, delegation: Delegation): SiteGrantRecord[] {
    const targets = Map.groupBy(rows.targets, (target) => target.site_id);
    const pops = rows.pops.map(popOf).map(({ kind: _kind, signingKey: _key, ...granted }) => granted);
    return rows.sites.map((site) => {
      const grant: SiteGrant = {
        siteId: site.id,
        version,
        pops,
        targets: (targets.get(site.id) ?? []).map(grantedTargetOf),
      };
      const contents = canonicalJson({ ...grant, version: null, delegation });
      let signed = this.#signed.get(site.id);
      if (signed?.contents !== contents) {
        const document = signDocument('manis site grant v1', JSON.stringify(grant), signer, delegation);
        signed = { contents, document };
        this.#signed.set(site.id, signed);
      }
      return { kind: 'siteGrant', id: site.id, signed: signed.document };
    });
  }

  /** The latest grant of a site, or undefined where the site has not been published yet. */
  grantOf(siteId: string): SignedDocument | undefined {
    return this.#signed.get(siteId)?.document;
  }
}
