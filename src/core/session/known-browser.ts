import { KNOWN_BROWSER_MS, KNOWN_CREDENTIALS_MAX } from './constants.ts';
import type { SigningKey } from './crypto.ts';
import type { IssuerKeys } from './keys.ts';
import { openToken, sealToken } from './token.ts';

/**
 * A browser that gave the right secret of credentials before. It opens nothing: whoever has it is let try when strangers
 * are not any more.
 */
export interface KnownBrowser {
  /** 22 characters of base64url. */
  readonly id: string;
  /** By credential: the version whose secret it knew, and when. */
  readonly credentials: readonly (readonly [credentialId: string, version: number, unixMs: number])[];
}

/** The cookie's value, signed by a PoP. */
export function issueKnownBrowser(browser: KnownBrowser, key: SigningKey): string {
  return sealToken('manis known browser v1', JSON.stringify([browser.id, browser.credentials]), key);
}

/** Undefined where no PoP of the snapshot signed it. */
export function readKnownBrowser(token: string | undefined, keys: IssuerKeys): KnownBrowser | undefined {
  const opened = token === undefined ? undefined : openToken('manis known browser v1', token, keys);
  if (opened === undefined || typeof opened === 'string' || opened.key.issuer !== 'pop') return undefined;
  // What a PoP signed is as it wrote it.
  const [id, credentials] = JSON.parse(opened.payload) as [string, KnownBrowser['credentials']];
  return { id, credentials };
}

/** Whether it signed in before with this version of a credential, and not too long ago. */
export function knows(browser: KnownBrowser, credentialId: string, version: number, nowUnixMs: number): boolean {
  return browser.credentials.some(
    ([id, known, unixMs]) => id === credentialId && known === version && nowUnixMs - unixMs < KNOWN_BROWSER_MS,
  );
}

/** The same with one credential more. */
export function withCredential(
  { id, credentials }: KnownBrowser,
  credentialId: string,
  version: number,
  nowUnixMs: number,
): KnownBrowser {
  const others = credentials.filter(([known]) => known !== credentialId).slice(0, KNOWN_CREDENTIALS_MAX - 1);
  return { id, credentials: [[credentialId, version, nowUnixMs], ...others] };
}
