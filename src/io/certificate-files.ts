import { stat } from 'node:fs/promises';
import { Failure } from '../base/index.ts';
import { CERTIFICATE_FILE_BYTES_MAX } from './certificate-constants.ts';
import { FileFailure, readSmallText } from './files.ts';
import { type OwnCertificate, readOwnCertificate } from './own-certificate.ts';

export interface CertificatePaths {
  readonly chainPath: string;
  readonly keyPath: string;
}

/** Throws Failure `certificate-invalid`. */
export async function readCertificateFiles(paths: CertificatePaths, nowUnixMs: number): Promise<OwnCertificate> {
  const chainPem = await readPem(paths.chainPath);
  return readOwnCertificate(chainPem, await readPem(paths.keyPath), nowUnixMs);
}

async function readPem(path: string): Promise<string> {
  try {
    const text = await readSmallText(path, CERTIFICATE_FILE_BYTES_MAX);
    if (text === undefined) throw new Failure('certificate-invalid', `${path} cannot be read (ENOENT)`);
    return text;
  } catch (error) {
    if (!(error instanceof FileFailure)) throw error;
    throw new Failure('certificate-invalid', error.message, error);
  }
}

/** Differs when a file was written, replaced or is gone. */
export async function fileMark({ chainPath, keyPath }: CertificatePaths): Promise<string> {
  const marks = [chainPath, keyPath].map(async (path) => {
    const found = await stat(path, { bigint: true }).catch(() => undefined);
    return found ? `${found.mtimeNs} ${found.size} ${found.ino}` : 'none';
  });
  return (await Promise.all(marks)).join('\n');
}
