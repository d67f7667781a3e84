/** A certificate for the nginx that ours is compared with: P-256, as ours are. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execute } from '../../test/lab/shell.ts';

/** Both as PEM. */
export interface Certificate {
  readonly key: string;
  readonly certificate: string;
}

export function selfSigned(name: string): Certificate {
  const folder = mkdtempSync(join(tmpdir(), 'manis-certificate-'));
  try {
    const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
    execute('openssl', [
      'req',
      '-x509',
      ...kind,
      '-subj',
      `/CN=${name}`,
      '-days',
      '2',
      '-keyout',
      key,
      '-out',
      certificate,
    ]);
    return { key: readFileSync(key, 'utf8'), certificate: readFileSync(certificate, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
