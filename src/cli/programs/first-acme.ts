import type { AcmeSettings } from '../../control/certificates/acme-settings.ts';
import type { ControlSettings } from '../config/programs.ts';
import { requireText } from './enrolment.ts';

/** The ACME directory that the flags name for the first start; undefined where they name none. */
export async function firstAcmeOf(given: ControlSettings): Promise<AcmeSettings | undefined> {
  if (given.acmeDirectory === undefined) return undefined;
  const { acmeExternalAccountKeyFile: keyFile, acmeCaFile: caFile } = given;
  const key = keyFile && (await requireText('acme-external-account-key-file', keyFile)).trim();
  return {
    directoryUrl: given.acmeDirectory,
    contacts: given.acmeContact,
    termsAgreed: given.acmeAgreeToTerms,
    externalAccountKeyId: given.acmeExternalAccountKeyId ?? null,
    ...(key && { externalAccountKey: key }),
    caPem: caFile ? await requireText('acme-ca-file', caFile) : null,
    profile: null,
    isDefault: true,
  };
}
