import type { Preset, ProviderSettings } from './settings.ts';

/** Claims of an ID token or a userinfo answer: plain JSON. */
export type Claims = Readonly<Record<string, unknown>>;

/** What the provider says of a person, as far as accounts are concerned. */
export interface PersonSaid {
  readonly subject: string;
  /** Lower case. */
  readonly email?: string;
  readonly emailVerified: boolean;
  readonly name?: string;
}

/** RFC 5321 section 4.5.3.1.3, as the address stands in a path without its brackets. */
const EMAIL = /^[^\s@<>"(),:;[\]\\\p{Cc}]{1,64}@[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/u;
const MAXIMUM_EMAIL_LENGTH = 254;
const MAXIMUM_NAME_LENGTH = 128;
/** OpenID Connect Core section 2: at most 255 ASCII characters. */
const SUBJECT = /^[\x20-\x7e]{1,255}$/;

/** Reads who it is; undefined where there is no subject. */
export function personOf(settings: ProviderSettings, claims: Claims): PersonSaid | undefined {
  const { sub } = claims;
  if (typeof sub !== 'string' || !SUBJECT.test(sub)) return undefined;
  const email = emailOf(claims);
  const name = claimText(claims, 'name') ?? claimText(claims, 'preferred_username');
  return {
    subject: sub,
    ...(email !== undefined && { email }),
    emailVerified: email !== undefined && isTrusted(settings, claims, email),
    ...(name !== undefined && { name }),
  };
}

/** A claim that is one line of text, shortened. */
export function claimText(claims: Claims, name: string): string | undefined {
  const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
  if (typeof value !== 'string') return undefined;
  const line = value.replace(/[\p{Cc}\p{Cs}]/gu, ' ').trim();
  return line === '' ? undefined : [...line].slice(0, MAXIMUM_NAME_LENGTH).join('');
}

/**
 * Whether the provider itself says that the address is the person's, in a way that can be relied on. Entra's `email` is
 * whatever an administrator of any tenant typed in ("nOAuth"); `xms_edov` says that the domain's owner did. Google is the
 * authority for gmail.com and for the domains of its Workspace (`hd`); of others it checked once, long ago.
 */
export function isVerifiedEmail(preset: Preset, claims: Claims, email: string): boolean {
  const domain = domainOf(email);
  const verifiedByOwner: readonly unknown[] = [true, 1, '1', 'true'];
  if (preset === 'entra') return verifiedByOwner.includes(claims['xms_edov']);
  if (claims['email_verified'] !== true) return false;
  return preset !== 'google' || domain === 'gmail.com' || claims['hd'] === domain;
}

/** Whether what the provider says of how the person signed in stands for two factors (RFC 8176; OpenID Connect Core 2). */
export function provedTwoFactors(settings: ProviderSettings, claims: Claims): boolean {
  const { amr, acr } = claims;
  const said = [...(Array.isArray(amr) ? amr : []), acr];
  return settings.mfaValues.some((value) => said.includes(value));
}

export function domainOf(email: string): string {
  return email.slice(email.lastIndexOf('@') + 1);
}

function isTrusted(settings: ProviderSettings, claims: Claims, email: string): boolean {
  switch (settings.emailTrust) {
    case 'claim':
      return isVerifiedEmail(settings.preset, claims, email);
    case 'assume':
      return settings.domains.includes(domainOf(email));
    case 'never':
      return false;
  }
}

function emailOf({ email }: Claims): string | undefined {
  if (typeof email !== 'string' || email.length > MAXIMUM_EMAIL_LENGTH) return undefined;
  const lower = email.trim().toLowerCase();
  return EMAIL.test(lower) ? lower : undefined;
}
