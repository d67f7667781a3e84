/** An installation's keys, and site grants that are signed with them, or with others. */
import { randomBytes } from 'node:crypto';
import { type Delegation, delegate, type SignedDocument, type Signer, type SiteGrant } from '../core/link/index.ts';
import { type SigningDomain, signDocument } from '../core/link/signed.ts';
import { createEd25519 } from '../io/crypto/ed25519.ts';
import { createSigningPort } from '../io/link-crypto.ts';
import { NodeSessionCrypto } from '../io/session-crypto.ts';

export const signing = createSigningPort(new NodeSessionCrypto());

const ed25519 = createEd25519();
const HOUR_MS = 3_600_000;

function newSigner(): Signer {
  const seed = randomBytes(32);
  return { publicKey: ed25519.publicKeyOf(seed), sign: ed25519.signer(seed) };
}

export class GrantAuthority {
  readonly #root = newSigner();
  readonly #control = newSigner();
  readonly #delegation: Delegation;

  /** @param notAfterUnixMs when the root key's word for the signing key ends. */
  constructor(notAfterUnixMs = Date.now() + HOUR_MS) {
    this.#delegation = delegate(this.#root, 'control-1', this.#control.publicKey, notAfterUnixMs);
  }

  get rootKey(): Uint8Array {
    return this.#root.publicKey;
  }

  sign(grant: unknown, domain: SigningDomain = 'manis site grant v1'): SignedDocument {
    return signDocument(domain, JSON.stringify(grant), this.#control, this.#delegation);
  }
}

export function siteGrant(change: Partial<SiteGrant> = {}): SiteGrant {
  return { siteId: 'site-1', version: { epoch: 1, revision: 1 }, pops: [], targets: [], ...change };
}
