import type { CertificateProblem } from '../core/link/index.ts';
import type { Log } from '../io/log.ts';
import { CERTIFICATE_LOOK_MS, CERTIFICATE_PROBLEMS_TOLD } from './constants.ts';
import type { SnapshotView } from './snapshot-view.ts';

/** What a host is looked up in. */
interface Certificates {
  recordFor(host: string): { readonly notAfterUnixMs: number } | undefined;
}

/** Knows which hosts browsers cannot come to, since there is no certificate for them or it has ended. */
export class CertificateWatch {
  readonly #log: Log;
  readonly #certificates: Certificates;
  #known = new Map<string, CertificateProblem['problem']>();
  #view: SnapshotView | undefined;
  #nextUnixMs = 0;

  constructor(log: Log, certificates: Certificates) {
    this.#log = log;
    this.#certificates = certificates;
  }

  /** A few of them, for control; undefined where all is well. */
  get problems(): readonly CertificateProblem[] | undefined {
    if (this.#known.size === 0) return undefined;
    return [...this.#known].slice(0, CERTIFICATE_PROBLEMS_TOLD).map(([host, problem]) => ({ host, problem }));
  }

  /** How many hosts have this problem. */
  count(problem: CertificateProblem['problem']): number {
    return [...this.#known.values()].filter((one) => one === problem).length;
  }

  /** Looks with every new view, and now and then, since certificates end by themselves. */
  look(view: SnapshotView, nowUnixMs: number): void {
    if (view === this.#view && nowUnixMs < this.#nextUnixMs) return;
    this.#view = view;
    this.#nextUnixMs = nowUnixMs + CERTIFICATE_LOOK_MS;
    const found = new Map<string, CertificateProblem['problem']>();
    for (const host of hostsOf(view)) {
      const record = this.#certificates.recordFor(host);
      const problem = !record ? 'missing' : record.notAfterUnixMs <= nowUnixMs ? 'expired' : undefined;
      if (problem) found.set(host, problem);
    }
    this.#tell(found);
    this.#known = found;
  }

  #tell(found: ReadonlyMap<string, CertificateProblem['problem']>): void {
    for (const [host, problem] of found)
      if (this.#known.get(host) !== problem) this.#log.warn(`the certificate of a host is ${problem}`, { host });
    for (const host of this.#known.keys())
      if (!found.has(host)) this.#log.info('the host has a certificate now', { host });
  }
}

function* hostsOf(view: SnapshotView): Generator<string> {
  yield view.installation.portalHost;
  for (const { record } of view.resources.values()) if (record.enabled) yield record.host;
}
