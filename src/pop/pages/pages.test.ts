import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { PROBLEM_STATUS, type Problem } from '../problems.ts';
import { errorPage } from './error-page.ts';
import { authenticatorPage, enrolPage, recoveryPage, secondStepPage } from './factor-pages.ts';
import { html } from './html.ts';
import { KEYS_SCRIPT } from './keys-script.ts';
import { pageHeaders } from './page.ts';
import { applicationsPage } from './portal-pages.ts';
import { PROBLEM_TEXTS } from './problem-texts.ts';
import { securityPage } from './security-page.ts';
import { setUpPage } from './set-up-page.ts';
import { hiddenInputs, passwordSection, signInPage } from './sign-in-pages.ts';

const HOSTILE = `"><script>alert('1')</script>&`;

test('what is put into a template is text, whatever it holds', () => {
  assert.equal(html`<b title="${HOSTILE}">${[HOSTILE, html`<i>`]}${undefined}${7}</b>`.html.includes('<script'), false);
  assert.equal(html`${html`<i>${'<'}</i>`}`.html, '<i>&lt;</i>');
});

test('no page lets through what people or clients named', () => {
  const pages = [
    signInPage({
      accounts: true,
      resets: true,
      organisation: HOSTILE,
      application: HOSTILE,
      problem: HOSTILE,
      sections: [
        passwordSection({
          action: HOSTILE,
          hiddenInputs: hiddenInputs(HOSTILE, HOSTILE, { token: HOSTILE, nonce: HOSTILE }),
          email: HOSTILE,
          focus: true,
          canReset: true,
        }),
      ],
    }),
    setUpPage({ organisation: HOSTILE, action: HOSTILE, email: HOSTILE, problem: HOSTILE }),
    applicationsPage({
      organisation: HOSTILE,
      person: HOSTILE,
      csrfToken: HOSTILE,
      applications: [{ name: HOSTILE, host: HOSTILE, url: HOSTILE }],
    }),
    ...factorPages(),
    errorPage({
      organisation: HOSTILE,
      status: 404,
      title: HOSTILE,
      advice: HOSTILE,
      reason: HOSTILE,
      requestId: HOSTILE,
      host: HOSTILE,
      actions: [{ label: HOSTILE, url: HOSTILE }],
    }),
  ];
  for (const page of pages) {
    assert.ok(!page.replace(`<script>${KEYS_SCRIPT}</script>`, '').includes('<script'));
    assert.ok(page.includes('&lt;script'));
    assert.match(page, /^<!doctype html>\n<html lang="en">/);
  }
});

test('the policy of the pages lets their one style sheet in by its hash, and nothing else', () => {
  const policy = pageHeaders(['https://app.example'])['Content-Security-Policy'] ?? '';
  const style = /<style>(.*)<\/style>/s.exec(setUpPage({ organisation: 'x', action: '/', email: 'x' }))?.[1] ?? '';
  assert.ok(policy.includes(`style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`));
  assert.match(policy, /^default-src 'none'; /);
  assert.match(policy, /form-action 'self' https:\/\/app\.example; base-uri 'none'; frame-ancestors 'none'$/);
});

test('and their one script by its hash', () => {
  const policy = pageHeaders()['Content-Security-Policy'] ?? '';
  const html = signInPage({ accounts: true, resets: true, organisation: 'x', sections: [] });
  const script = /<script>(.*)<\/script>/s.exec(html)?.[1] ?? '';
  assert.ok(policy.includes(`script-src 'sha256-${createHash('sha256').update(script).digest('base64')}';`));
  assert.doesNotMatch(policy, /unsafe|connect-src/);
  assert.doesNotMatch(script, /fetch|XMLHttpRequest|innerHTML|eval/);
});

/** Pages about factors, full of what people and clients say. */
function factorPages(): string[] {
  const form = { csrf: HOSTILE, returnTo: HOSTILE, challenge: HOSTILE, organisation: HOSTILE, problem: HOSTILE };
  const order = {
    challenge: HOSTILE,
    rp: { id: HOSTILE, name: HOSTILE },
    user: { id: HOSTILE, name: HOSTILE, displayName: HOSTILE },
    exclude: [HOSTILE],
  };
  const passkey = { challenge: HOSTILE, rpId: HOSTILE, allow: [HOSTILE], verify: 'preferred' as const };
  const dated = { id: HOSTILE, name: HOSTILE, createdUnixMs: 1, lastUsedUnixMs: null };
  const browser = { id: HOSTILE, userAgent: HOSTILE, clientAddress: HOSTILE, createdUnixMs: 1, lastUsedUnixMs: 1 };
  return [
    secondStepPage({
      ...form,
      ...{ lead: HOSTILE, email: HOSTILE, passkey, totp: true, recovery: true, others: [], password: true },
      rememberDays: 30,
    }),
    ...(['any', 'totp', 'passkey'] as const).map((offer) => enrolPage({ ...form, lead: HOSTILE, order, offer })),
    authenticatorPage({ ...form, secret: HOSTILE, uri: HOSTILE }),
    recoveryPage({ organisation: HOSTILE, codes: [HOSTILE], returnTo: HOSTILE }),
    securityPage({
      ...form,
      hasConsole: true,
      facts: {
        ...{ email: HOSTILE, hasPassword: true, factorDueUnixMs: 1, rememberMs: 1, authenticators: [dated] },
        passkeys: [{ ...dated, credentialId: HOSTILE, backedUp: true }],
        recoveryCodes: { left: 1, of: 10 },
        browsers: [{ ...browser, expiresUnixMs: 1 }],
        devices: [{ ...dated, approved: false }],
        sessions: [{ ...browser, isThis: false }],
      },
      ...{ order, deviceNonce: HOSTILE, saved: true, others: [] },
    }),
  ];
}

test('every problem has a status that is an error and words that end in a full stop', () => {
  for (const problem of Object.keys(PROBLEM_STATUS) as Problem[]) {
    assert.ok(PROBLEM_STATUS[problem] >= 400 && PROBLEM_STATUS[problem] < 600);
    const { title, advice } = PROBLEM_TEXTS[problem];
    assert.ok(title.length > 10 && !title.endsWith('.'), problem);
    assert.match(advice, /\.$/, problem);
  }
});

test('many applications are searched by name and host, without a script; what is not found is said', () => {
  const applications = Array.from({ length: 30 }, (_, i) => ({ name: `App ${i}`, host: `a${i}.example`, url: '/' }));
  const shown = (search: string, some = applications) =>
    applicationsPage({ organisation: 'x', person: 'ann', csrfToken: '', applications: some, search });
  const names = (text: string) => [...text.matchAll(/<b>(App \d+)<\/b>/g)].map(([, name]) => name);
  assert.equal(names(shown('')).length, 30);
  assert.deepEqual(names(shown('app a17.ex')), ['App 17']);
  assert.match(shown('nothing like it'), /No application is called like that/);
  assert.match(shown(HOSTILE), /value="&quot;&gt;&lt;script/);
  assert.doesNotMatch(shown('', applications.slice(0, 5)), /type="search"/);
});
