import { assertNever, type Clock, type Random } from '../../base/index.ts';
import { ORDER_LIFETIME_MS, orderLookUnixMs } from '../../core/certificates/index.ts';
import { compareVersions, type SnapshotVersion } from '../../core/link/index.ts';
import type { AcmeDirectory, AcmeOrder } from '../../io/acme/acme-directory.ts';
import { AcmeFailure } from '../../io/acme/acme-failure.ts';
import { checkIssued } from '../../io/acme/issued-certificate.ts';
import {
  acmeChallengesOf,
  type CertificateOrdersTable,
  deleteAcmeChallengesOf,
  findCertificate,
  putCertificate,
  type Store,
  updateCertificateOrder,
} from '../../io/store/index.ts';
import type { StoreSealing } from '../../io/store-sealing.ts';
import type { AuditNote } from '../control.ts';
import { sealCertificateKey } from './certificate-key.ts';
import { type ChallengeParts, giveAnswers, withdrawAnswers } from './challenges.ts';
import { PUBLISHED_LOOK_MS, PUBLISHED_WAIT_MS } from './constants.ts';
import type { DirectoryAccess, OpenDirectory } from './directory-access.ts';
import type { CertificateLease } from './lease.ts';
import { OrderFailure } from './order-failure.ts';
import { NO_ORDER, orderKeyPlace } from './order-row.ts';
import { planRenewal } from './renewal-plan.ts';
import type { CertificateWish } from './wishes.ts';

export interface OrderParts extends ChallengeParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly sealing: StoreSealing;
  readonly access: DirectoryAccess;
  /** Something that PoPs are to learn was committed. */
  readonly committed: () => void;
  /** What every PoP that is up has. */
  readonly applied: () => Promise<readonly { readonly popId: string; readonly applied: SnapshotVersion | null }[]>;
  /** These were not waited for any longer. */
  readonly behind: (popIds: readonly string[]) => void;
  readonly note: (note: AuditNote) => Promise<void>;
}

/** What a step came to: the next one at once, or at a time. */
export type Stepped = 'again' | number;

/**
 * The steps of one order. Each begins with what the store says and asks the directory how the order is, so another control
 * node goes on wherever this one dies. The lease is kept before anything is said to the directory that cannot be taken
 * back.
 */
export class OrderWork {
  readonly #parts: OrderParts;
  readonly #lease: CertificateLease;

  constructor(parts: OrderParts, lease: CertificateLease) {
    this.#parts = parts;
    this.#lease = lease;
  }

  async step(row: CertificateOrdersTable): Promise<Stepped> {
    const open = await this.#parts.access.open();
    // Without a directory nothing is wished for; whoever changes that wakes this again.
    if (!open) return this.#now() + PUBLISHED_WAIT_MS;
    if (row.phase === 'waiting') return this.#wait(row, open);
    if (row.directory_url !== open.settings.directory_url) {
      await this.end(row, {});
      return 'again';
    }
    if (isLate(row, this.#now())) throw new OrderFailure('order-late', 'the directory did not end the order in time');
    switch (row.phase) {
      case 'ordered':
      case 'proving':
      case 'finalising':
        return this.#follow(row, open.directory);
      case 'publishing':
        return this.#tell(row, open.directory);
      default:
        return assertNever(row.phase);
    }
  }

  /** Ends an order: takes the answers back and notes what is to be noted, in one. */
  async end(row: CertificateOrdersTable, changes: Partial<CertificateOrdersTable>): Promise<void> {
    const { store, committed } = this.#parts;
    const over = { ...NO_ORDER, ...changes };
    const given = await acmeChallengesOf(store.database, row.id);
    if (given.length === 0) return void (await updateCertificateOrder(store.database, row.id, over));
    await withdrawAnswers(this.#parts, given);
    await store.publish(async (transaction) => {
      await deleteAcmeChallengesOf(transaction, row.id);
      await updateCertificateOrder(transaction, row.id, over);
    });
    committed();
  }

  async #wait(row: CertificateOrdersTable, { directory, settings }: OpenDirectory): Promise<Stepped> {
    const { store } = this.#parts;
    const certificate = await findCertificate(store.database, row.id);
    const isOfNames = certificate?.source === 'acme' && certificate.hosts === JSON.stringify(wishOf(row).names);
    // One of another directory, a test's perhaps, is no certificate of this one.
    const isThere = isOfNames && row.directory_url === settings.directory_url;
    if (!isThere || this.#now() >= row.renew_unix_ms)
      return this.#begin(row, { directory, settings }, isThere ? certificate.chain_pem : undefined);
    const { not_before_unix_ms: notBeforeUnixMs, not_after_unix_ms: notAfterUnixMs, chain_pem } = certificate;
    const { changes, nextUnixMs } = await planRenewal(
      { directory, ...this.#parts },
      { chainPem: chain_pem, notBeforeUnixMs, notAfterUnixMs },
      row,
    );
    await updateCertificateOrder(store.database, row.id, changes);
    return nextUnixMs;
  }

  async #begin(
    row: CertificateOrdersTable,
    { directory, settings }: OpenDirectory,
    replaces: string | undefined,
  ): Promise<Stepped> {
    const { store, sealing } = this.#parts;
    const key = await directory.newKey();
    await this.#keepLease();
    const order = await directory.order(wishOf(row).names, {
      ...(settings.profile !== null && { profile: settings.profile }),
      ...(replaces !== undefined && { replaces }),
    });
    await updateCertificateOrder(store.database, row.id, {
      ...NO_ORDER,
      phase: 'ordered',
      directory_url: settings.directory_url,
      order_url: order.url,
      key_pem: sealing.seal(key, orderKeyPlace(row.id)),
      started_unix_ms: this.#now(),
    });
    return 'again';
  }

  /** Goes on with an order by what the directory says of it. */
  async #follow(row: CertificateOrdersTable, directory: AcmeDirectory): Promise<Stepped> {
    const order = await this.#ask(row, directory);
    switch (order.status) {
      case 'pending':
        return row.phase === 'ordered' ? this.#prove(row, directory) : this.#later(row, order);
      case 'ready':
        return this.#finalise(row, directory);
      case 'processing':
        return this.#later(row, order);
      case 'valid':
        return this.#take(row, directory);
      case 'invalid':
        throw await this.#whyInvalid(row, directory, order);
      default:
        return assertNever(order.status);
    }
  }

  async #ask({ order_url }: CertificateOrdersTable, directory: AcmeDirectory): Promise<AcmeOrder> {
    if (order_url === null) throw new OrderFailure('order-lost', 'the order has no place at the directory');
    return directory.orderAt(order_url);
  }

  #later(row: CertificateOrdersTable, { retryAfterMs }: Pick<AcmeOrder, 'retryAfterMs'>): Stepped {
    return orderLookUnixMs(this.#now(), row.started_unix_ms ?? this.#now(), retryAfterMs);
  }

  async #prove(row: CertificateOrdersTable, directory: AcmeDirectory): Promise<Stepped> {
    const { store, committed } = this.#parts;
    const authorizations = await directory.authorizations(row.order_url ?? '');
    const given = await giveAnswers(this.#parts, row, wishOf(row), authorizations, directory);
    // Everything is proved already, from an earlier order: the directory is about to say so.
    if (given.rows.length === 0) return this.#later(row, { retryAfterMs: undefined });
    await store.publish(async (transaction, to) => {
      if (!(await this.#lease.isHeld(transaction, this.#now()))) throw new LeaseLost();
      await given.put(transaction);
      const at = { published_epoch: to.epoch, published_revision: to.revision };
      await updateCertificateOrder(transaction, row.id, { phase: 'publishing', ...at });
    });
    committed();
    return given.settledUnixMs ?? 'again';
  }

  /**
   * Waits until every PoP that is up has the answers, since the directory may ask any of them; then says that they are
   * there. One that is behind for long is not waited for: it must not stand in the way of the others.
   */
  async #tell(row: CertificateOrdersTable, directory: AcmeDirectory): Promise<Stepped> {
    const { store, applied, behind } = this.#parts;
    const version = { epoch: row.published_epoch ?? 0, revision: row.published_revision ?? 0 };
    const late = (await applied()).filter((pop) => !pop.applied || compareVersions(pop.applied, version) < 0);
    if (late.length > 0) {
      if (this.#now() - (row.started_unix_ms ?? 0) < PUBLISHED_WAIT_MS) return this.#now() + PUBLISHED_LOOK_MS;
      behind(late.map(({ popId }) => popId));
    }
    for (const { url } of await acmeChallengesOf(store.database, row.id)) {
      await this.#keepLease();
      await directory.ready(url);
    }
    await updateCertificateOrder(store.database, row.id, { phase: 'proving' });
    return this.#later(row, { retryAfterMs: undefined });
  }

  async #finalise(row: CertificateOrdersTable, directory: AcmeDirectory): Promise<Stepped> {
    const { store } = this.#parts;
    await this.#keepLease();
    const order = await directory.finalise(row.order_url ?? '', wishOf(row).names, this.#keyOf(row));
    await updateCertificateOrder(store.database, row.id, { phase: 'finalising' });
    return order.status === 'valid' ? 'again' : this.#later(row, order);
  }

  async #take(row: CertificateOrdersTable, directory: AcmeDirectory): Promise<Stepped> {
    const { store, sealing, committed, note } = this.#parts;
    const { names } = wishOf(row);
    const keyPem = this.#keyOf(row);
    const chainPem = await directory.certificate(row.order_url ?? '');
    const validity = checkIssued(chainPem, keyPem, names);
    const { changes, nextUnixMs } = await planRenewal(
      { directory, ...this.#parts },
      { chainPem, ...validity },
      undefined,
    );
    const given = await acmeChallengesOf(store.database, row.id);
    await withdrawAnswers(this.#parts, given);
    const proved_by = given[0]?.kind ?? row.proved_by;
    await store.publish(async (transaction) => {
      if (!(await this.#lease.isHeld(transaction, this.#now()))) throw new LeaseLost();
      await deleteAcmeChallengesOf(transaction, row.id);
      await putCertificate(transaction, {
        ...{ id: row.id, hosts: JSON.stringify(names), chain_pem: chainPem, source: 'acme' },
        key_pem: sealCertificateKey(sealing, row.id, keyPem),
        not_before_unix_ms: validity.notBeforeUnixMs,
        not_after_unix_ms: validity.notAfterUnixMs,
      });
      const clean = { failures: 0, proved_by, error_code: null, error_text: null, error_unix_ms: null };
      await updateCertificateOrder(transaction, row.id, { ...NO_ORDER, ...clean, ...changes });
    });
    committed();
    await note({ action: 'certificate.issue', subject: row.id, detail: { names, ...validity } });
    return nextUnixMs;
  }

  /** What the directory found wrong, in its words. */
  async #whyInvalid(row: CertificateOrdersTable, directory: AcmeDirectory, order: AcmeOrder): Promise<AcmeFailure> {
    const authorizations = await directory.authorizations(row.order_url ?? '').catch(() => []);
    const reasons = authorizations.flatMap(({ name, challenges }) =>
      challenges.flatMap(({ kind, error }) => (error ? [`${name} by ${kind}: ${error.detail}`] : [])),
    );
    const why = reasons.join('; ') || order.error?.detail || 'it does not say why';
    return new AcmeFailure('acme-refused', `the directory refused the order: ${why}`, { problem: order.error });
  }

  #keyOf(row: CertificateOrdersTable): string {
    const key = row.key_pem === null ? undefined : this.#parts.sealing.unseal(row.key_pem, orderKeyPlace(row.id));
    if (key === undefined) throw new OrderFailure('order-lost', 'the key of the order cannot be read; it begins anew');
    return key;
  }

  async #keepLease(): Promise<void> {
    if (!(await this.#lease.take(this.#parts.store.database, this.#now()))) throw new LeaseLost();
  }

  #now(): number {
    return Math.round(this.#parts.clock.unixMs());
  }
}

export function isLate({ started_unix_ms }: CertificateOrdersTable, nowUnixMs: number): boolean {
  return nowUnixMs - (started_unix_ms ?? 0) > ORDER_LIFETIME_MS;
}

/** Another node works on it by now. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

export function wishOf({ wish }: Pick<CertificateOrdersTable, 'wish'>): CertificateWish {
  return JSON.parse(wish) as CertificateWish;
}
