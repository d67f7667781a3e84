/** Every page of a PoP, full of what people, clients, programs and providers say. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { IdentityProviderRecord } from '../../core/link/index.ts';
import type { AtPortal } from '../portal-visit.ts';
import { accessPage } from './access-page.ts';
import { emailCodePage } from './email-code-pages.ts';
import { factorElsewherePage } from './factor-pages.ts';
import { html } from './html.ts';
import { joinPage, joinSignedInPage, signInToJoinPage } from './invitation-pages.ts';
import { KEYS_SCRIPT } from './keys-script.ts';
import { customPageHeaders, pageHeaders } from './page.ts';
import { signedOutPage, signOutPage } from './portal-pages.ts';
import { codePage, decidedPage, decisionPage } from './program-pages.ts';
import { connectedPage, providersPage, signingOutPage, tryPage } from './provider-pages.ts';
import { resetAskedPage, resetAskPage, resetDonePage, resetPage } from './reset-pages.ts';
import { sharePage } from './share-page.ts';

const HOSTILE = `"'></title></style></textarea><script>alert('1')</script><img src=x onerror=alert(1)>\u0000&`;
const asked = { challenge: HOSTILE, port: 1024, state: HOSTILE, computer: HOSTILE };
const invitation = { organisation: HOSTILE, email: HOSTILE, action: HOSTILE, hasAccount: true };
const at = { view: { installation: { organisationName: HOSTILE } } } as unknown as AtPortal;
const provider = { settings: { label: HOSTILE } } as unknown as IdentityProviderRecord;
const claims = { [HOSTILE]: [HOSTILE] };
const found = { verdict: HOSTILE, account: HOSTILE, subject: HOSTILE, email: HOSTILE, roles: [HOSTILE], claims };
const shown = { program: HOSTILE, computer: HOSTILE, clientAddress: HOSTILE, createdUnixMs: 0 };

const PAGES: Readonly<Record<string, readonly string[]>> = {
  accessPage: [
    accessPage({
      ...{ organisation: HOSTILE, application: HOSTILE, host: HOSTILE, account: HOSTILE, computer: HOSTILE },
      ...{ action: HOSTILE, asked, csrfToken: HOSTILE },
    }),
  ],
  emailCodePage: [
    emailCodePage({
      ...{ organisation: HOSTILE, action: HOSTILE, hiddenInputs: html`${HOSTILE}`, attempt: HOSTILE, proof: HOSTILE },
      ...{ email: HOSTILE, problem: HOSTILE },
    }),
  ],
  factorElsewherePage: [true, false].map((hasPassword) =>
    factorElsewherePage({ organisation: HOSTILE, email: HOSTILE, returnTo: HOSTILE, hasPassword }),
  ),
  joinPage: [joinPage(invitation, HOSTILE, HOSTILE)],
  joinSignedInPage: [joinSignedInPage(invitation)],
  signInToJoinPage: [signInToJoinPage(invitation), signInToJoinPage(invitation, HOSTILE)],
  signedOutPage: [signedOutPage(HOSTILE, HOSTILE)],
  signOutPage: [HOSTILE, undefined].map((application) =>
    signOutPage({ organisation: HOSTILE, application, action: HOSTILE, csrfToken: HOSTILE }),
  ),
  codePage: [codePage(HOSTILE, HOSTILE, HOSTILE)],
  decisionPage: (['same', 'other', 'other-family'] as const).map((relation) =>
    decisionPage({
      ...{ organisation: HOSTILE, account: HOSTILE, csrf: HOSTILE, code: HOSTILE, nowUnixMs: 1 },
      ...{ browserAddress: HOSTILE, shown: { ...shown, relation } },
    }),
  ),
  decidedPage: [true, false].map((isApproved) => decidedPage(HOSTILE, isApproved)),
  connectedPage: [true, false].map((isConnected) =>
    connectedPage({ organisation: HOSTILE, label: HOSTILE, isConnected }),
  ),
  providersPage: [
    providersPage({
      ...{ organisation: HOSTILE, person: HOSTILE },
      providers: [true, false].map((isConnected) => ({ label: HOSTILE, url: HOSTILE, isConnected })),
    }),
  ],
  signingOutPage: [signingOutPage({ organisation: HOSTILE, label: HOSTILE, url: HOSTILE })],
  tryPage: [tryPage({ at, provider, found }), tryPage({ at, provider, failure: HOSTILE })],
  resetAskPage: [resetAskPage({ organisation: HOSTILE, csrfToken: HOSTILE, email: HOSTILE, problem: HOSTILE })],
  resetAskedPage: [resetAskedPage(HOSTILE)],
  resetDonePage: [resetDonePage(HOSTILE)],
  resetPage: [resetPage({ organisation: HOSTILE, action: HOSTILE, email: HOSTILE, problem: HOSTILE })],
  sharePage: [sharePage({ organisation: HOSTILE, application: HOSTILE, action: HOSTILE, csrfToken: HOSTILE })],
};

for (const [name, pages] of Object.entries(PAGES))
  test(`${name} lets through nothing of what others say`, () => {
    for (const page of pages) {
      const text = page.replace(`<script>${KEYS_SCRIPT}</script>`, '');
      assert.doesNotMatch(text, /<script|<img/i);
      assert.ok(text.includes('&lt;script&gt;'));
      // What is put into an attribute does not end it.
      for (const [tag] of text.matchAll(/<(?:a|form|input|meta|button)\b[^>]*>/g))
        assert.equal((tag.split('"').length - 1) % 2, 0, tag);
    }
  });

test('every page of the folder is tried here or in pages.test.ts', () => {
  const folder = import.meta.dirname;
  const tried = readFileSync(join(folder, 'pages.test.ts'), 'utf8');
  const untried = readdirSync(folder)
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .flatMap((name) => [...readFileSync(join(folder, name), 'utf8').matchAll(/^export function (\w+Page)\(/gm)])
    .map(([, name = '']) => name)
    .filter((name) => !(name in PAGES) && !tried.includes(`${name}({`));
  assert.deepEqual(untried, []);
});

test('no address of a script is one that a page lets run', () => {
  for (const headers of [pageHeaders(), pageHeaders(['https://app.example']), customPageHeaders()]) {
    const policy = headers['Content-Security-Policy'] ?? '';
    assert.match(policy, /^default-src 'none';/);
    assert.doesNotMatch(policy, /script-src[^;]*(?:'unsafe-inline'|'unsafe-eval'|\*|https?:|data:)/);
    assert.doesNotMatch(policy, /allow-scripts|allow-same-origin|allow-forms/);
    assert.match(policy, /base-uri 'none'; frame-ancestors 'none'/);
  }
});
