import { domainOf, type PersonSaid } from './claims.ts';
import type { IdentityVerdict, RefusalReason } from './reasons.ts';
import type { ProviderSettings } from './settings.ts';

/** An account, as far as it matters here. */
export interface KnownAccount {
  readonly userId: string;
  readonly disabled: boolean;
}

/** What is known before the verdict. */
export interface KnownAccounts {
  /** The account that this very identity (provider and subject) belongs to. */
  readonly byIdentity?: KnownAccount | undefined;
  /** The account with the address that the provider says, whatever that is worth. */
  readonly byEmail?: KnownAccount | undefined;
}

/**
 * Whose account it is. The subject alone identifies somebody who is known: addresses change hands. An account that exists is
 * never taken over because of an address, unless the address is verified and the administrator trusts this provider for its
 * domain; without that, its owner connects the two from their own account page.
 */
export function judgeIdentity(settings: ProviderSettings, said: PersonSaid, known: KnownAccounts): IdentityVerdict {
  const { email, emailVerified } = said;
  if (!isDomainAllowed(settings, said)) return refused('domain-refused');
  if (known.byIdentity)
    return known.byIdentity.disabled ? refused('user-disabled') : { kind: 'known', userId: known.byIdentity.userId };
  if (known.byEmail) {
    const isTrusted = email !== undefined && emailVerified && settings.linkDomains.includes(domainOf(email));
    if (!isTrusted) return settings.provisioning === 'subject' ? withoutAddress(said) : refused('account-exists');
    return known.byEmail.disabled ? refused('user-disabled') : { kind: 'link', userId: known.byEmail.userId };
  }
  switch (settings.provisioning) {
    case 'never':
      return refused('account-missing');
    case 'subject':
      return emailVerified && email !== undefined ? { kind: 'provision', email } : withoutAddress(said);
    case 'verified-email':
      if (email === undefined) return refused('email-missing');
      return emailVerified ? { kind: 'provision', email } : refused('email-unverified');
  }
}

/** An account of a person whose address is not proved must not have that address: policies and mail go by it. */
function withoutAddress({ subject }: PersonSaid): IdentityVerdict {
  const name = subject
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 40);
  return { kind: 'provision', email: `${name}.${fingerprint(subject)}@identity.invalid` };
}

/** Tells subjects apart that look alike in lower case; not a secret, and uniqueness is the store's to see to (FNV-1a). */
function fingerprint(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return hash.toString(36);
}

/** Where domains are listed, an address that is not verified counts for none of them. */
function isDomainAllowed(settings: ProviderSettings, { email, emailVerified }: PersonSaid): boolean {
  if (settings.domains.length === 0) return true;
  return email !== undefined && emailVerified && settings.domains.includes(domainOf(email));
}

function refused(reason: RefusalReason): IdentityVerdict {
  return { kind: 'refused', reason };
}
