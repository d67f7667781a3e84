import { setImmediate } from 'node:timers/promises';
import { type Clock, inParts, type Random } from '../../base/index.ts';
import { LEAF_RENEW_BEFORE_MS } from '../../io/certificate-constants.ts';
import type { LocalCa } from '../../io/certificates.ts';
import { LeafSigner } from '../../io/leaf-certificate.ts';
import {
  type CertificateOutline,
  type CertificatesTable,
  certificatesOf,
  listCertificateOutlines,
  putCertificates,
  type Queries,
  type Store,
  type StoreTransaction,
} from '../../io/store/index.ts';
import type { StoreSealing } from '../../io/store-sealing.ts';
import { openCertificateKey, sealCertificateKey } from './certificate-key.ts';
import { LEAVES_A_COMMIT, LEAVES_A_TURN } from './constants.ts';
import type { CertificateWish } from './wishes.ts';

export interface LocalLeavesOptions {
  readonly store: Store;
  readonly ca: LocalCa;
  readonly clock: Clock;
  readonly random: Random;
  readonly sealing: StoreSealing;
}

type Wanted = Pick<CertificateWish, 'id' | 'names'>;

/** Certificates of the local authority, for all the names that it is wished for. */
export class LocalLeaves {
  readonly #options: LocalLeavesOptions;
  #signer: LeafSigner | undefined;
  /** Outlines of those whose chain and key were looked at and are good: nobody but a new certificate changes them. */
  #known: ReadonlySet<string> = new Set();

  constructor(options: LocalLeavesOptions) {
    this.#options = options;
  }

  /**
   * Sees that each wish for a certificate of the local authority has one that is good for a while. Those that lack are
   * written as they are made, some at a time, so that a start that is broken off goes on where it was. True when
   * something changed, so that it is to be published; the changes took their revisions themselves.
   */
  async ensure(wishes: readonly CertificateWish[]): Promise<boolean> {
    const { store } = this.#options;
    const present = new Map((await listCertificateOutlines(store.database)).map((row) => [row.id, row]));
    const wanted = wishes.filter(({ source }) => source === 'local');
    const lacking = await this.#lackingOf(store.database, wanted, present);
    for (const part of inParts(lacking, LEAVES_A_COMMIT)) await this.#make(part);
    return lacking.length > 0;
  }

  /** The same for a few, in the transaction of whoever adds their hosts: nobody sees these without their certificates. */
  async put(transaction: StoreTransaction, wishes: readonly CertificateWish[]): Promise<void> {
    const wanted = wishes.filter(({ source }) => source === 'local');
    const good = await this.#goodOf(transaction, wanted);
    const lacking = wanted.filter(({ id }) => !good.has(id));
    await putCertificates(
      transaction,
      lacking.map((wish) => this.#sign(wish)),
    );
  }

  async #make(wanted: readonly Wanted[]): Promise<void> {
    const { store } = this.#options;
    const made: CertificatesTable[] = [];
    for (const part of inParts(wanted, LEAVES_A_TURN)) {
      made.push(...part.map((wish) => this.#sign(wish)));
      // Requests and links have their turn.
      await setImmediate();
    }
    await store.publish(async (transaction) => {
      // Another control node may have been faster.
      const meanwhile = await this.#goodOf(transaction, wanted);
      await putCertificates(
        transaction,
        made.filter(({ id }) => !meanwhile.has(id)),
      );
    });
  }

  /** Wishes that nothing good is there for. */
  async #lackingOf(
    queries: Queries,
    wanted: readonly Wanted[],
    present: ReadonlyMap<string, CertificateOutline>,
  ): Promise<Wanted[]> {
    const known = new Set<string>();
    const lacking: Wanted[] = [];
    const unknown: Wanted[] = [];
    for (const wish of wanted) {
      const row = present.get(wish.id);
      if (!row || !this.#isFor(row, wish.names)) lacking.push(wish);
      else if (this.#known.has(keyOf(row))) known.add(keyOf(row));
      else unknown.push(wish);
    }
    for (const part of inParts(unknown, LEAVES_A_COMMIT)) {
      const good = await this.#goodOf(queries, part);
      for (const wish of part) {
        const row = good.get(wish.id);
        if (row) known.add(keyOf(row));
        else lacking.push(wish);
      }
      await setImmediate();
    }
    this.#known = known;
    return lacking;
  }

  /** Certificates that are good for what is wanted, by their ids. */
  async #goodOf(queries: Queries, wanted: readonly Wanted[]): Promise<Map<string, CertificatesTable>> {
    const { ca, sealing } = this.#options;
    const names = new Map(wanted.map((wish) => [wish.id, wish.names]));
    const rows = await certificatesOf(queries, [...names.keys()]);
    const good = rows.filter(
      (row) =>
        this.#isFor(row, names.get(row.id) ?? []) &&
        row.chain_pem.endsWith(ca.certificatePem) &&
        openCertificateKey(sealing, row) !== undefined,
    );
    return new Map(good.map((row) => [row.id, row]));
  }

  /** For exactly these names, and not due yet. */
  #isFor(row: CertificateOutline, names: readonly string[]): boolean {
    if (row.source !== 'local' || row.hosts !== JSON.stringify(names)) return false;
    return row.not_after_unix_ms - this.#options.clock.unixMs() > LEAF_RENEW_BEFORE_MS;
  }

  #sign({ id, names }: Wanted): CertificatesTable {
    const { ca, clock, random, sealing } = this.#options;
    this.#signer ??= new LeafSigner(ca);
    const leaf = this.#signer.sign({ dns: names, ip: [] }, clock.unixMs(), random);
    return {
      id,
      hosts: JSON.stringify(names),
      chain_pem: leaf.chainPem,
      key_pem: sealCertificateKey(sealing, id, leaf.keyPem),
      not_before_unix_ms: Math.round(clock.unixMs()),
      not_after_unix_ms: leaf.notAfterUnixMs,
      source: 'local',
    };
  }
}

function keyOf({ id, hosts, not_before_unix_ms, not_after_unix_ms }: CertificateOutline): string {
  return `${id} ${hosts} ${not_before_unix_ms} ${not_after_unix_ms}`;
}
