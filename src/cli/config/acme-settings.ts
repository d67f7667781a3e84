/** Flags of `manis control` that say at the first start which ACME directory issues certificates. */
import { email, filePath, httpsUrl, listOf, type SettingWords, switchValue, worded } from './setting.ts';
import { text } from './value.ts';

const words = (hint: string, expected: string, description: string): SettingWords => ({
  ...{ kind: 'value', hint, expected },
  description: `At the first start: ${description}`,
});

export const acmeSettings = {
  acmeDirectory: worded(
    httpsUrl.optional(),
    words('URL', 'an https URL', 'ACME directory that issues certificates (default: the local authority does)'),
  ),
  acmeContact: worded(listOf(email).default([]), {
    ...words('EMAIL', 'email addresses', 'who is told of what concerns the account there'),
    kind: 'list',
  }),
  acmeAgreeToTerms: worded(switchValue.default(false), {
    kind: 'switch',
    expected: 'true or false',
    description: 'At the first start: agree to the terms of that directory',
  }),
  acmeCaFile: worded(
    filePath.optional(),
    words('FILE', 'a PEM file', "authority to trust beside the system's for that directory"),
  ),
  acmeExternalAccountKeyId: worded(
    text().optional(),
    words('ID', 'a key id', 'external account, where the directory asks for one'),
  ),
  acmeExternalAccountKeyFile: worded(
    filePath.optional(),
    words('FILE', 'a file that holds the key', 'its key, base64url'),
  ),
};
