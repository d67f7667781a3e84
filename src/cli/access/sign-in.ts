/** Signs somebody in with their browser, for one host. */

import { hostname } from 'node:os';
import { createInterface } from 'node:readline';
import { toBase64Url } from '../../base/index.ts';
import { challengeOf } from '../../core/session/index.ts';
import { BrowserCode } from '../../io/access/browser-code.ts';
import { openBrowser } from '../../io/access/open-browser.ts';
import type { TunnelParts } from '../../io/access/open-tunnel.ts';
import { redeemCode } from '../../io/access/redeem-code.ts';
import { NodeSessionCrypto } from '../../io/session-crypto.ts';
import { sayAside } from '../terminal/output.ts';

export interface SignInWays {
  readonly noBrowser: boolean;
  /** Whether standard input is somebody who can paste an address. */
  readonly canPaste: boolean;
}

const VERIFIER_BYTES = 32;
const STATE_BYTES = 16;

/** Gives the session's token. Failure `sign-in-failed`, `sign-in-too-late`. */
export async function signIn(parts: TunnelParts, { noBrowser, canPaste }: SignInWays): Promise<string> {
  const { origin, random } = parts;
  const verifier = toBase64Url(random.bytes(VERIFIER_BYTES));
  const state = toBase64Url(random.bytes(STATE_BYTES));
  const waiting = await BrowserCode.listen(state);
  const url = new URL('/.manis/access', origin);
  const challenge = challengeOf(new NodeSessionCrypto(), verifier);
  url.search = String(new URLSearchParams({ challenge, port: String(waiting.port), state, computer: hostname() }));
  sayAside(`Sign in to ${origin.host} with your browser:\n\n  ${url}\n\n`);
  const lines = canPaste ? createInterface({ input: process.stdin }) : undefined;
  if (lines) {
    sayAside('If that browser runs on another machine, paste the address at which it ends up here.\n');
    lines.on('line', (line) => {
      if (line.trim() !== '' && !waiting.take(line)) sayAside('That address has no code for this.\n');
    });
  }
  try {
    if (!noBrowser) openBrowser(url.href);
    return await redeemCode(parts, await waiting.code(), verifier);
  } finally {
    lines?.close();
    waiting.close();
  }
}
