import type { SecureContext } from 'node:tls';
import type { CertificateRecord } from '../core/link/index.ts';
import { serverContext } from '../io/https-server.ts';

interface Loaded {
  readonly record: CertificateRecord;
  context: SecureContext | undefined;
}

/**
 * The certificates of the snapshot by host name. Contexts are made when first asked for and kept while the record stays
 * the same, so that a new snapshot does not parse thousands of keys again.
 */
export class CertificateTable {
  #byHost = new Map<string, Loaded>();
  #ofControl: readonly CertificateRecord[] = [];
  #local: readonly CertificateRecord[] = [];
  readonly #unusable: (record: CertificateRecord, error: unknown) => void;

  /** @param unusable is told of a certificate or key that OpenSSL refuses. */
  constructor(unusable: (record: CertificateRecord, error: unknown) => void) {
    this.#unusable = unusable;
  }

  /** Takes the certificates of a new snapshot. Of several for one host the one that lasts longest is used. */
  replace(records: Iterable<CertificateRecord>): void {
    this.#ofControl = [...records];
    this.#load();
  }

  /** Takes those of this PoP alone, which go first. */
  prefer(local: Iterable<CertificateRecord>): void {
    this.#local = [...local];
    this.#load();
  }

  #load(): void {
    const old = new Set(this.#byHost.values());
    const sameAs = (record: CertificateRecord): Loaded | undefined => {
      for (const loaded of old) if (loaded.record === record) return loaded;
      return undefined;
    };
    const byHost = new Map<string, Loaded>();
    const take = (record: CertificateRecord, isLocal: boolean): void => {
      const loaded = sameAs(record) ?? { record, context: undefined };
      for (const host of record.hosts) {
        const rival = byHost.get(host);
        if (!rival || isLocal || rival.record.notAfterUnixMs < record.notAfterUnixMs) byHost.set(host, loaded);
      }
    };
    for (const record of this.#ofControl) take(record, false);
    for (const record of this.#local) take(record, true);
    this.#byHost = byHost;
  }

  /** When each certificate that is in use ends, once each. */
  ends(): number[] {
    return [...new Set(this.#byHost.values())].map(({ record }) => record.notAfterUnixMs);
  }

  /** The certificate for a host: by its name, else by the wildcard that stands for its first label (RFC 6125 section 6.4.3). */
  recordFor(host: string): CertificateRecord | undefined {
    return this.#find(host)?.record;
  }

  contextFor(host: string): SecureContext | undefined {
    const loaded = this.#find(host);
    if (!loaded) return undefined;
    try {
      loaded.context ??= serverContext(loaded.record.chainPem, loaded.record.keyPem);
    } catch (error) {
      this.#unusable(loaded.record, error);
    }
    return loaded.context;
  }

  #find(host: string): Loaded | undefined {
    return this.#byHost.get(host) ?? this.#byHost.get(`*${host.slice(Math.max(0, host.indexOf('.')))}`);
  }
}
