import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  attemptCookie,
  isManisSetCookie,
  readManisCookies,
  removeCookie,
  SESSION_COOKIE,
  serialiseCookie,
  stripManisCookies,
} from './cookies.ts';

const S = SESSION_COOKIE;
const P = '__Host-manis_portal';

test('the cookies of Manis are found among others', () => {
  assert.deepEqual(readManisCookies(undefined), { attempts: new Map() });
  assert.deepEqual(readManisCookies('a=b; c'), { attempts: new Map() });
  assert.deepEqual(readManisCookies(`a=1; ${S}=v1.k.p.s; b="x"`), { session: 'v1.k.p.s', attempts: new Map() });
  assert.deepEqual(
    readManisCookies(
      `${P}=x;${attemptCookie('A')}=1;  ${attemptCookie('B')}=2; __Host-manis_form=f; __Host-manis_target=t.c`,
    ),
    {
      portal: 'x',
      form: 'f',
      target: 't.c',
      attempts: new Map([
        ['A', '1'],
        ['B', '2'],
      ]),
    },
  );
});

test('a Cookie field that somebody tampered with is refused', () => {
  const table: [field: string, reason: string][] = [
    [`${S}=a; ${S}=b`, 'cookie-duplicated'],
    [`${S}=a; x=y; ${S}=a`, 'cookie-duplicated'],
    [`${P}=a;${P}=b`, 'cookie-duplicated'],
    ['__Host-manis_target=a; __Host-manis_target=b', 'cookie-duplicated'],
    [`${attemptCookie('A')}=1; ${attemptCookie('A')}=2`, 'cookie-duplicated'],
    [`${S}=`, 'cookie-malformed'],
    [S, 'cookie-malformed'],
    [`${S}="quoted"`, 'cookie-malformed'],
    [`${S}=a b`, 'cookie-malformed'],
    [`${S}=a,b`, 'cookie-malformed'],
    [`${S}=é`, 'cookie-malformed'],
  ];
  for (const [field, reason] of table) assert.equal(readManisCookies(field), reason, field);
});

test('names that only resemble ours are somebody else’s', () => {
  for (const field of [
    '__host-manis_session=a',
    'manis_session=a',
    'x__Host-manis_session=a',
    '__Secure-manis_session=a',
  ])
    assert.deepEqual(readManisCookies(field), { attempts: new Map() }, field);
});

test('a blank that browsers keep in a name makes it somebody else’s, and no backend sees or sets it', () => {
  // As bytes of the field, read as Latin-1: no-break space, next line, and the UTF-8 of U+FEFF, U+2003, U+00A0.
  const blanks = ['\u00a0', '\u0085', '\u00ef\u00bb\u00bf', '\u00e2\u0080\u0083', '\u00c2\u00a0', '\v', '\f', '\ufeff'];
  for (const blank of blanks) {
    const label = JSON.stringify(blank);
    assert.deepEqual(readManisCookies(`${blank}${S}=x; ${blank}${P}=y`), { attempts: new Map() }, label);
    assert.deepEqual(
      readManisCookies(`${S}=good;\t${blank}${S}=tossed`),
      { session: 'good', attempts: new Map() },
      label,
    );
    assert.equal(stripManisCookies(`a=1;${blank}${S}=x`), 'a=1', label);
    assert.equal(isManisSetCookie(`${blank}${S}=x; Domain=example.org`), true, label);
  }
});

test('cookies are host-only, secure, out of reach of scripts and of other sites’ posts', () => {
  assert.equal(serialiseCookie(S, 'v', 90_500), `${S}=v; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=90`);
  assert.equal(serialiseCookie(S, 'v'), `${S}=v; Path=/; Secure; HttpOnly; SameSite=Lax`);
  assert.equal(removeCookie(S), `${S}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0`);
});

test('no backend sees a cookie of Manis', () => {
  const table: [field: string, left: string | undefined][] = [
    ['a=1; b=2', 'a=1; b=2'],
    [`${S}=x`, undefined],
    [`a=1; ${S}=x; b=2`, 'a=1; b=2'],
    [`${S}=x; a=1`, 'a=1'],
    [`a=1;${S}=x;${attemptCookie('q')}=y;b=2`, 'a=1;b=2'],
    ['a=1; __HOST-MANIS_SESSION=x', 'a=1'],
    ['a=1; \t__host-manis_anything=x', 'a=1'],
    [`a=1; =${S}=x`, 'a=1'],
    [`a=1; ${S}`, 'a=1'],
    [`a="1; ${S}=x; b=2"`, 'a="1; b=2"'],
    ['a=__Host-manis_session', 'a=__Host-manis_session'],
    ['', ''],
  ];
  for (const [field, left] of table) assert.equal(stripManisCookies(field), left, field);
});

test('no backend sets a cookie of Manis', () => {
  const ours = [`${S}=x; Path=/`, '__HOST-manis_portal=x', ` ${S}=x`, `=${S}=x`, ` = ${S}=x`, `\t${S}=x`, S, `${S};a`];
  for (const value of ours) assert.equal(isManisSetCookie(value), true, value);
  const theirs = ['a=b', `a=${S}`, 'session=x; Path=/__Host-manis_', '__Host-other=1', ''];
  for (const value of theirs) assert.equal(isManisSetCookie(value), false, value);
});

test('what is stripped is what would be read, whatever is around it', () => {
  const piece = fc.constantFrom('a=1', `${S}=t`, '__hOsT-manis_x=1', 'b', ';', '=', '"', ',', ' =', P, '=z');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 10 }), (pieces) => {
      const field = pieces.join(';');
      const left = stripManisCookies(field) ?? '';
      assert.deepEqual(readManisCookies(left), { attempts: new Map() });
      assert.equal(stripManisCookies(left) ?? '', left);
      for (const pair of left.split(';')) assert.doesNotMatch(pair, /^[\s=]*__host-manis_/i);
    }),
  );
});
