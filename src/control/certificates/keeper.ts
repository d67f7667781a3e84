import { Failure, randomFraction } from '../../base/index.ts';
import { retryUnixMs } from '../../core/certificates/index.ts';
import { AcmeFailure } from '../../io/acme/acme-failure.ts';
import type { Log } from '../../io/log.ts';
import {
  type CertificateOrdersTable,
  dueCertificateOrders,
  findCertificateOrder,
  nextCertificateOrderUnixMs,
  updateCertificateOrder,
} from '../../io/store/index.ts';
import {
  CERTIFICATES_AT_ONCE,
  CERTIFICATES_LOOK_MIN_MS,
  CERTIFICATES_OTHERS_MS,
  CERTIFICATES_POLL_MS,
  ORDER_STEPS_MAX,
} from './constants.ts';
import { CertificateLease } from './lease.ts';
import { leavesOrder, setbackOf } from './order-failure.ts';
import { isLate, LeaseLost, type OrderParts, OrderWork, wishOf } from './order-work.ts';

export interface KeeperOptions extends OrderParts {
  readonly controlId: string;
  readonly log: Log;
}

/**
 * Sees that certificates which an ACME directory issues are there and stay good. Every control node looks at what is due;
 * the lease on a certificate says which one works on it. All that is known is in the store.
 */
export class CertificateKeeper {
  readonly #options: KeeperOptions;
  #timer: NodeJS.Timeout | undefined;
  #working: Promise<void> | undefined;
  #wasWoken = false;
  #isStopped = false;

  constructor(options: KeeperOptions) {
    this.#options = options;
  }

  /** Begins to look after what is due, and does so until `stop`. */
  wake(): void {
    if (this.#isStopped) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#wasWoken = true;
    this.#working ??= this.#workOn().finally(() => {
      this.#working = undefined;
    });
  }

  /** Waits for the steps that are under way; orders are left to another node, or the next start. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#working;
    this.#options.access.close();
  }

  async #workOn(): Promise<void> {
    let isOurs = true;
    while (this.#wasWoken && !this.#isStopped) {
      this.#wasWoken = false;
      try {
        isOurs = await this.look();
      } catch (error) {
        isOurs = false;
        this.#options.log.error('certificates cannot be looked after', { error });
      }
    }
    await this.#arm(isOurs);
  }

  /** Works on what is due now. False where all of it is another node's. */
  async look(): Promise<boolean> {
    const { store, clock } = this.#options;
    const due = await dueCertificateOrders(store.database, clock.unixMs(), CERTIFICATES_AT_ONCE);
    const worked = await Promise.all(due.map((row) => this.#workOnOne(row)));
    return due.length === 0 || worked.includes(true);
  }

  /** When there is something to do next. */
  nextUnixMs(): Promise<number | undefined> {
    return nextCertificateOrderUnixMs(this.#options.store.database);
  }

  /** False where it is another node's. */
  async #workOnOne({ id }: CertificateOrdersTable): Promise<boolean> {
    const { store, clock, controlId, log } = this.#options;
    const lease = new CertificateLease(id, controlId);
    if (!(await lease.take(store.database, clock.unixMs()))) return false;
    try {
      const isUnderWay = await this.#steps(id, new OrderWork(this.#options, lease));
      if (!isUnderWay || this.#isStopped) await lease.end(store.database);
    } catch (error) {
      if (!(error instanceof LeaseLost)) throw error;
      log.info('another control node works on a certificate', { certificate: id });
    }
    return true;
  }

  /** Whether an order is under way after them. */
  async #steps(id: string, work: OrderWork): Promise<boolean> {
    const { store, clock } = this.#options;
    for (let steps = 0; steps < ORDER_STEPS_MAX && !this.#isStopped; steps++) {
      const row = await findCertificateOrder(store.database, id);
      if (!row || row.next_unix_ms > clock.unixMs()) return row !== undefined && row.phase !== 'waiting';
      try {
        const stepped = await work.step(row);
        if (stepped !== 'again')
          await updateCertificateOrder(store.database, id, { next_unix_ms: Math.round(stepped) });
      } catch (error) {
        if (error instanceof LeaseLost) throw error;
        await this.#failed(row, work, error);
      }
    }
    return true;
  }

  async #failed(row: CertificateOrdersTable, work: OrderWork, error: unknown): Promise<void> {
    const { store, log, access, note, random, clock } = this.#options;
    const isKnown = error instanceof Failure;
    const { id } = row;
    if (!isKnown) log.error('an order ended in an unexpected way', { certificate: id, error });
    const code = isKnown ? error.code : 'internal';
    const text = isKnown ? error.message : 'an unexpected error; see the log';
    if (code === 'acme-account-unknown') await access.forgetAccount();
    const nowUnixMs = Math.round(clock.unixMs());
    const goesOn = row.phase !== 'waiting' && leavesOrder(error) && !isLate(row, nowUnixMs);
    const failures = goesOn ? row.failures : row.failures + 1;
    const when = { nowUnixMs, retryAfterMs: retryAfterOf(error), chance: randomFraction(random) };
    const next_unix_ms = retryUnixMs(setbackOf(error), goesOn ? 1 : failures, when);
    const told = { error_code: code, error_text: text, error_unix_ms: nowUnixMs, failures, next_unix_ms };
    if (goesOn) await updateCertificateOrder(store.database, id, told);
    else await work.end(row, told);
    log.warn('a certificate could not be had', { certificate: id, code, why: text, goesOn });
    if (goesOn) return;
    const detail = { names: wishOf(row).names, code, error: text, nextUnixMs: next_unix_ms };
    await note({ action: 'certificate.issue', subject: id, outcome: 'failed', detail });
  }

  async #arm(isOurs: boolean): Promise<void> {
    if (this.#isStopped) return;
    const { clock, log } = this.#options;
    const next = await this.nextUnixMs().catch((error: unknown) => {
      log.warn('the store cannot be asked what is due', { error });
      return undefined;
    });
    if (this.#isStopped || this.#timer) return;
    const leastMs = isOurs ? CERTIFICATES_LOOK_MIN_MS : CERTIFICATES_OTHERS_MS;
    const delayMs = Math.max(
      leastMs,
      Math.min(CERTIFICATES_POLL_MS, (next ?? Number.POSITIVE_INFINITY) - clock.unixMs()),
    );
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.wake();
    }, delayMs);
    this.#timer.unref();
  }
}

function retryAfterOf(error: unknown): number | undefined {
  return error instanceof AcmeFailure ? error.retryAfterMs : undefined;
}
