/** Flags of `manis target` about TLS with the target. */
import { UsageFailure } from '../config/usage-failure.ts';
import { requireText } from '../programs/enrolment.ts';
import { given } from './noun.ts';
import { textFlag, truthFlag } from './words.ts';

export const tlsFlags = {
  tlsServerName: textFlag(
    'NAME',
    'Name to ask the target for and to verify (default: that of the Host field, else of the URL)',
  ),
  tlsVerify: truthFlag('Whether the certificate of the target is verified'),
  tlsCaFile: textFlag('FILE|none', 'Who vouches for the target (PEM), in place of the public authorities'),
  tlsCertificateFile: textFlag('FILE|none', 'Certificate that PoPs show to the target (PEM, leaf first)'),
  tlsKeyFile: textFlag('FILE', 'Its private key (PEM, without a passphrase)'),
};

export interface TlsFlags {
  readonly tlsServerName?: string | undefined;
  readonly tlsVerify?: boolean | undefined;
  readonly tlsCaFile?: string | undefined;
  readonly tlsCertificateFile?: string | undefined;
  readonly tlsKeyFile?: string | undefined;
}

/** What the flags say of TLS; undefined where they say nothing. */
export async function tlsBody(flags: TlsFlags) {
  const { tlsServerName: serverName, tlsVerify: verify, tlsCaFile } = flags;
  const caPem = tlsCaFile === 'none' ? null : tlsCaFile && (await requireText('tls-ca-file', tlsCaFile));
  const body = given({ serverName, verify, caPem, clientCertificate: await clientCertificate(flags) });
  return Object.keys(body).length > 0 ? body : undefined;
}

async function clientCertificate({ tlsCertificateFile: certificate, tlsKeyFile: key }: TlsFlags) {
  if (certificate === 'none' && key === undefined) return null;
  if (certificate === undefined && key === undefined) return undefined;
  if (certificate === undefined || certificate === 'none' || key === undefined)
    throw new UsageFailure('setting-invalid', '--tls-certificate-file and --tls-key-file go together');
  const [chainPem, keyPem] = await Promise.all([
    requireText('tls-certificate-file', certificate),
    requireText('tls-key-file', key),
  ]);
  return { chainPem, keyPem };
}
