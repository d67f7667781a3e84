/** Certificates in files of this control node: read again when they change, and kept as they were when what is new is broken. */
import { type Clock, Failure } from '../../base/index.ts';
import { type CertificatePaths, fileMark, readCertificateFiles } from '../../io/certificate-files.ts';
import type { Log } from '../../io/log.ts';
import type { OwnCertificate } from '../../io/own-certificate.ts';
import { allOwnCertificates, type OwnCertificatesTable, type Store } from '../../io/store/index.ts';
import { CERTIFICATE_FILES_LOOK_MS } from './constants.ts';

export interface CertificateFilesOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** This control node: others have other files. */
  readonly controlId: string;
  /** A certificate that is good, and another than before. */
  readonly changed: (row: OwnCertificatesTable, certificate: OwnCertificate) => Promise<void>;
  /** What is wrong with the files; null: nothing any more. */
  readonly faulty: (row: OwnCertificatesTable, fault: string | null) => Promise<void>;
}

export class CertificateFiles {
  readonly #options: CertificateFilesOptions;
  /** By certificate: what the files were like when they were read last. */
  readonly #seen = new Map<string, string>();
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();

  constructor(options: CertificateFilesOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setInterval(() => void this.look(), CERTIFICATE_FILES_LOOK_MS);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  /** Looks whether files have changed; one look at a time. */
  look(): Promise<void> {
    const { log } = this.#options;
    this.#looking = this.#looking
      .then(() => this.#lookAtAll())
      .catch((error: unknown) => log.error('files of certificates could not be looked at', { error }));
    return this.#looking;
  }

  async #lookAtAll(): Promise<void> {
    const { store, controlId } = this.#options;
    for (const row of await allOwnCertificates(store.database))
      if (row.node_id === controlId && row.chain_path !== null && row.key_path !== null)
        await this.#lookAt(row, { chainPath: row.chain_path, keyPath: row.key_path });
  }

  async #lookAt(row: OwnCertificatesTable, paths: CertificatePaths): Promise<void> {
    const { log, clock, changed, faulty } = this.#options;
    const mark = await fileMark(paths);
    if (mark === this.#seen.get(row.id)) return;
    try {
      const certificate = await readCertificateFiles(paths, clock.unixMs());
      if (certificate.chainPem !== row.chain_pem) await changed(row, certificate);
      else if (row.fault !== null) await faulty(row, null);
    } catch (error) {
      const fault = error instanceof Failure ? error.message : 'the files cannot be read';
      log.warn('a certificate in files is broken; the one before goes on', { certificate: row.id, fault });
      if (row.fault !== fault) await faulty(row, fault);
    }
    this.#seen.set(row.id, mark);
  }
}
