/** Certificates in files of this PoP, which its operator has named: their keys never leave it. */
import { type Clock, Failure } from '../base/index.ts';
import type { CertificateRecord } from '../core/link/index.ts';
import { type CertificatePaths, fileMark, readCertificateFiles } from '../io/certificate-files.ts';
import type { Log } from '../io/log.ts';
import type { CertificateTable } from './certificates.ts';
import { CERTIFICATE_FILES_LOOK_MS } from './constants.ts';

export interface LocalCertificatesOptions {
  readonly files: readonly CertificatePaths[];
  readonly clock: Clock;
  readonly log: Log;
  /** They are others than before. */
  readonly changed: () => void;
}

interface FilesOfPop {
  readonly certificateFiles?: readonly CertificatePaths[];
}

/** Follows files of certificates, so that a table shows them before those of control. */
export async function followFiles(
  { certificateFiles: files = [], clock, log }: Pick<LocalCertificatesOptions, 'clock' | 'log'> & FilesOfPop,
  table: CertificateTable,
): Promise<LocalCertificates> {
  const local = new LocalCertificates({ files, clock, log, changed: () => table.prefer(local.records) });
  await local.look();
  return local;
}

export class LocalCertificates {
  readonly #options: LocalCertificatesOptions;
  readonly #records = new Map<string, CertificateRecord>();
  readonly #seen = new Map<string, string>();
  readonly #timer: NodeJS.Timeout | undefined;

  constructor(options: LocalCertificatesOptions) {
    this.#options = options;
    if (options.files.length === 0) return;
    this.#timer = setInterval(() => void this.look(), CERTIFICATE_FILES_LOOK_MS);
    this.#timer.unref();
  }

  get records(): Iterable<CertificateRecord> {
    return this.#records.values();
  }

  /** Reads what has changed. A certificate that is broken now leaves the one before as it was. */
  async look(): Promise<void> {
    const { files, changed } = this.#options;
    let isNew = false;
    for (const paths of files) isNew = (await this.#lookAt(paths)) || isNew;
    if (isNew) changed();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #lookAt(paths: CertificatePaths): Promise<boolean> {
    const { clock, log } = this.#options;
    const { chainPath } = paths;
    const mark = await fileMark(paths);
    if (mark === this.#seen.get(chainPath)) return false;
    this.#seen.set(chainPath, mark);
    try {
      const { hosts, chainPem, keyPem, notAfterUnixMs, warnings } = await readCertificateFiles(paths, clock.unixMs());
      const id = `file:${chainPath}`;
      this.#records.set(chainPath, { kind: 'certificate', id, hosts, chainPem, keyPem, notAfterUnixMs });
      log.info('a certificate was read from files', { chainPath, hosts, notAfterUnixMs, warnings });
      return true;
    } catch (error) {
      const fault = error instanceof Failure ? error.message : 'the files cannot be read';
      const goesOn = this.#records.has(chainPath);
      log.error('a certificate in files is broken', { chainPath, fault, theOneBeforeGoesOn: goesOn });
      return false;
    }
  }
}
