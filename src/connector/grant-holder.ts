import { join } from 'node:path';
import type { Clock } from '../base/index.ts';
import {
  compareVersions,
  decodeSiteGrant,
  type SignedDocument,
  type SigningPort,
  type SiteGrant,
  verifyDocument,
} from '../core/link/index.ts';
import { OWNER_ONLY, readJson, writeJson } from '../io/files.ts';
import { narrowedGrant } from './local-limits.ts';

/** Why a grant was not taken. */
export type GrantRefusal = 'bad-signature' | 'malformed' | 'other-site' | 'older';

export interface GrantHolderOptions {
  readonly dataDir: string;
  readonly siteId: string;
  /** Ed25519 root key, pinned at enrolment. */
  readonly rootKey: Uint8Array;
  readonly signing: SigningPort;
  readonly clock: Clock;
  /** Folder whose unix sockets may be dialled. Left out: any may. */
  readonly unixSockets?: string | undefined;
  /** Nothing but these. */
  readonly unixSocketsOnly?: boolean | undefined;
}

/**
 * The site grant in force: what control lets this connector do. Whoever brings it (a PoP may lie), it counts only if it
 * is signed down from the pinned root key, for this site, and not older than the one held.
 */
export class GrantHolder {
  readonly #options: GrantHolderOptions;
  readonly #path: string;
  #grant: SiteGrant | undefined;
  /** Writes go one after the other, so that the newest grant is the one that stays. */
  #writing: Promise<void> = Promise.resolve();

  constructor(options: GrantHolderOptions) {
    this.#options = options;
    this.#path = join(options.dataDir, 'grant.json');
  }

  get grant(): SiteGrant | undefined {
    return this.#grant;
  }

  /** Takes the grant kept on disk, if there is a good one. */
  async load(): Promise<void> {
    const stored = await readJson(this.#path);
    if (stored !== undefined) this.#judge(stored as SignedDocument);
  }

  /** Takes a grant and keeps it on disk. Gives the reason where it is refused, undefined where it is in force. */
  async offer(signed: SignedDocument): Promise<GrantRefusal | undefined> {
    const before = this.#grant;
    const refusal = this.#judge(signed);
    if (!refusal && this.#grant !== before) await this.#keep(signed);
    return refusal;
  }

  #keep(signed: SignedDocument): Promise<void> {
    const written = this.#writing.then(() => writeJson(this.#path, signed, OWNER_ONLY));
    this.#writing = written.catch(() => undefined);
    return written;
  }

  #judge(signed: SignedDocument): GrantRefusal | undefined {
    const { rootKey, clock, signing, siteId } = this.#options;
    if (!isSignedDocument(signed)) return 'malformed';
    const verified = verifyDocument('manis site grant v1', signed, rootKey, clock.unixMs(), signing);
    if (!verified.ok) return 'bad-signature';
    const decoded = decodeSiteGrant(signed.payload);
    if (!decoded.ok) return 'malformed';
    if (decoded.value.siteId !== siteId) return 'other-site';
    const order = this.#grant ? compareVersions(decoded.value.version, this.#grant.version) : 1;
    if (order < 0) return 'older';
    if (order > 0) this.#grant = narrowedGrant(decoded.value, this.#options.unixSockets, this.#options.unixSocketsOnly);
    return undefined;
  }
}

function isSignedDocument(value: SignedDocument): boolean {
  return (
    typeof value?.payload === 'string' &&
    typeof value.signature === 'string' &&
    typeof value.delegation?.controlId === 'string' &&
    typeof value.delegation.signingKey === 'string' &&
    typeof value.delegation.signature === 'string'
  );
}
