import type { Clock } from '../../base/index.ts';
import { newAccountKey } from '../../io/acme/account-key.ts';
import type { AcmeClientOptions } from '../../io/acme/acme-client-directory.ts';
import type { AcmeDirectory } from '../../io/acme/acme-directory.ts';
import { AcmeFailure } from '../../io/acme/acme-failure.ts';
import type { OutboundSettings } from '../../io/outbound/outbound-agents.ts';
import {
  type AcmeAccountsTable,
  type AcmeSettingsTable,
  addAcmeAccount,
  findAcmeAccount,
  findAcmeSettings,
  type Store,
  setAcmeAccountUrl,
} from '../../io/store/index.ts';
import type { StoreSealing } from '../../io/store-sealing.ts';

export interface DirectoryAccessOptions {
  readonly store: Store;
  readonly sealing: StoreSealing;
  readonly clock: Clock;
  readonly software: string;
  readonly outbound?: OutboundSettings;
  readonly open: (options: AcmeClientOptions) => AcmeDirectory;
}

export interface OpenDirectory {
  readonly directory: AcmeDirectory;
  readonly settings: AcmeSettingsTable;
}

/**
 * The directory that the installation uses, with the one account that all control nodes share: its key is in the store,
 * so whichever node comes first makes it, and to the directory the others are the same.
 */
export class DirectoryAccess {
  readonly #options: DirectoryAccessOptions;
  #opening: Promise<OpenDirectory | undefined> | undefined;
  #known: { readonly key: string; readonly directory: AcmeDirectory } | undefined;

  constructor(options: DirectoryAccessOptions) {
    this.#options = options;
  }

  /** Undefined where no directory is set. Rejects with AcmeFailure. Several that ask at once are one. */
  open(): Promise<OpenDirectory | undefined> {
    this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  async #open(): Promise<OpenDirectory | undefined> {
    const { store } = this.#options;
    const settings = await findAcmeSettings(store.database);
    if (!settings) return undefined;
    const account = await this.#account(settings);
    const key = JSON.stringify([settings, account]);
    if (this.#known?.key === key && account.url !== null) return { directory: this.#known.directory, settings };
    this.close();
    const options = this.#clientOptions(settings, account);
    const directory = this.#options.open(options);
    this.#known = { key, directory };
    if (account.url !== null) return { directory, settings };
    const url = await openAccount(directory, settings, options.binding !== undefined);
    await setAcmeAccountUrl(store.database, settings.directory_url, url);
    return this.#open();
  }

  /** The directory does not know the account: it is opened anew at the next question. */
  async forgetAccount(): Promise<void> {
    const { store } = this.#options;
    const settings = await findAcmeSettings(store.database);
    if (settings) await setAcmeAccountUrl(store.database, settings.directory_url, null);
  }

  close(): void {
    this.#known?.directory.close();
    this.#known = undefined;
  }

  async #account({ directory_url: id }: AcmeSettingsTable): Promise<AcmeAccountsTable> {
    const { store, sealing, clock } = this.#options;
    const known = await findAcmeAccount(store.database, id);
    if (known) return known;
    const key_pem = sealing.seal(newAccountKey(), accountKeyPlace(id));
    return addAcmeAccount(store.database, { id, key_pem, url: null, created_unix_ms: Math.round(clock.unixMs()) });
  }

  #clientOptions(settings: AcmeSettingsTable, account: AcmeAccountsTable): AcmeClientOptions {
    const { sealing, clock, software, outbound = {} } = this.#options;
    const accountKeyPem = sealing.unseal(account.key_pem, accountKeyPlace(account.id));
    if (accountKeyPem === undefined) throw refused('the key of the ACME account was sealed by another installation');
    const binding = bindingOf(settings, sealing);
    const ca = [outbound.ca, settings.ca_pem].filter((pem) => pem !== undefined && pem !== null).join('\n');
    return {
      ...{ directoryUrl: settings.directory_url, accountKeyPem, clock, userAgent: software },
      ...(account.url !== null && { accountUrl: account.url }),
      ...(binding && { binding }),
      outbound: { ...outbound, ...(ca !== '' && { ca }) },
    };
  }
}

function bindingOf(
  { directory_url, eab_key_id: keyId, eab_key }: AcmeSettingsTable,
  sealing: StoreSealing,
): { keyId: string; key: string } | undefined {
  const key = eab_key === null ? undefined : sealing.unseal(eab_key, bindingKeyPlace(directory_url));
  return keyId === null || key === undefined ? undefined : { keyId, key };
}

async function openAccount(
  directory: AcmeDirectory,
  settings: AcmeSettingsTable,
  hasBinding: boolean,
): Promise<string> {
  const { termsUrl, needsBinding } = await directory.facts();
  const termsAgreed = settings.terms_agreed === 1;
  if (termsUrl !== undefined && !termsAgreed)
    throw refused(`the directory has terms to agree to, ${termsUrl}: set them as agreed in the ACME settings`);
  if (needsBinding && !hasBinding)
    throw refused('the directory asks for an external account: set its key id and key in the ACME settings');
  return directory.openAccount({ contacts: JSON.parse(settings.contacts) as string[], termsAgreed });
}

function accountKeyPlace(directoryUrl: string): string {
  return `key of the account with ${directoryUrl}`;
}

/** What a sealed key of an external account belongs to: it goes to no other directory. */
export function bindingKeyPlace(directoryUrl: string): string {
  return `key of the external account for ${directoryUrl}`;
}

function refused(why: string): AcmeFailure {
  return new AcmeFailure('acme-account-refused', why);
}
