import {
  type AcmeSettingsTable,
  findAcmeSettings,
  putAcmeSettings,
  type StoreTransaction,
} from '../../io/store/index.ts';
import type { Control } from '../control.ts';
import { ControlFailure } from '../problems.ts';
import { bindingKeyPlace } from './directory-access.ts';

/** What somebody says of the directory that certificates are to come from. */
export interface AcmeSettings {
  readonly directoryUrl: string;
  readonly contacts: readonly string[];
  readonly termsAgreed: boolean;
  readonly externalAccountKeyId: string | null;
  /** Left out: the present one stays. */
  readonly externalAccountKey?: string | undefined;
  readonly caPem: string | null;
  readonly profile: string | null;
  readonly isDefault: boolean;
}

type Parts = Pick<Control, 'clock' | 'keys'>;

/** Keeps settings, sealed where they are secret. Failure `acme-settings-invalid`. */
export async function settingsRow(
  parts: Parts,
  transaction: StoreTransaction,
  settings: AcmeSettings,
): Promise<AcmeSettingsTable> {
  const before = await findAcmeSettings(transaction);
  const row: AcmeSettingsTable = {
    id: 'installation',
    directory_url: settings.directoryUrl,
    contacts: JSON.stringify(settings.contacts),
    terms_agreed: settings.termsAgreed ? 1 : 0,
    eab_key_id: settings.externalAccountKeyId,
    eab_key: keyFor(parts, before, settings),
    ca_pem: settings.caPem,
    profile: settings.profile,
    is_default: settings.isDefault ? 1 : 0,
    updated_unix_ms: Math.round(parts.clock.unixMs()),
  };
  await putAcmeSettings(transaction, row);
  return row;
}

/** A key that is kept goes to the directory that it went to before, and to no other. */
function keyFor(
  { keys }: Parts,
  before: AcmeSettingsTable | undefined,
  { directoryUrl, externalAccountKeyId, externalAccountKey, caPem }: AcmeSettings,
): string | null {
  if (externalAccountKeyId === null) {
    if (externalAccountKey === undefined) return null;
    throw invalid('externalAccountKey: there is no key id that it belongs to');
  }
  if (externalAccountKey !== undefined) return keys.sealing.seal(externalAccountKey, bindingKeyPlace(directoryUrl));
  const isSame =
    before?.directory_url === directoryUrl && before.eab_key_id === externalAccountKeyId && before.ca_pem === caPem;
  if (isSame && before.eab_key !== null) return before.eab_key;
  throw invalid('externalAccountKey: give it, since it goes elsewhere than before');
}

function invalid(why: string): ControlFailure {
  return new ControlFailure('acme-settings-invalid', why);
}
