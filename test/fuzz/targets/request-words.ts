import assert from 'node:assert/strict';
import { normaliseTarget } from '../../../src/core/policy/index.ts';
import { normaliseHost, rewriteRequestFields } from '../../../src/core/routing/index.ts';
import {
  isReturnTarget,
  readAuthorizeRequest,
  readManisCookies,
  stripManisCookies,
} from '../../../src/core/session/index.ts';
import { type FuzzTarget, latin1, textOf } from '../target.ts';

/** The words of a request that a stranger chooses: target, host, cookies, and where to return to. */
export const requestWords: FuzzTarget = {
  name: 'words of a request',
  seeds: [
    '/a/b/c?x=1&y=%20',
    '/%61/../b;p=1/./c//d',
    'app.example.com:443',
    '[2001:db8::1]:8443',
    '__Host-manis_session=abc.def; theme=dark; __Host-manis_portal=x',
    'resource=r&host=h&return=%2Fa&challenge=c&state=s',
    'X-Forwarded-For: 10.0.0.1\r\nX_Manis_Assertion: x\r\nConnection: close, X-A\r\nRemote-User: root',
  ].map(latin1),
  words: [
    '%2e',
    '%2f',
    '%5c',
    '..',
    '//',
    ';',
    '%00',
    '%c0%ae',
    '__Host-manis_session=',
    '; ',
    'xn--',
    ':',
    '@',
    '#',
    '?',
  ].map(latin1),
  run(input) {
    const text = textOf(input);
    const target = normaliseTarget(text);
    if (typeof target !== 'string') {
      assert.deepEqual(normaliseTarget(target.path + target.query), target, 'once is for ever');
      assert.doesNotMatch(target.path, /\/\.{1,2}(?:\/|$)|\/\/|\\|[\0-\x20\x7f]|#/);
    }
    const host = normaliseHost(text);
    if (typeof host !== 'string') assert.deepEqual(normaliseHost(host.name), { ...host, port: undefined });
    readManisCookies(text);
    const stripped = stripManisCookies(text);
    if (stripped !== undefined) assert.doesNotMatch(stripped, /(?:^|;\s*)__Host-manis_/i);
    readAuthorizeRequest(text);
    if (isReturnTarget(text)) assert.equal(new URL(text, 'https://own.example').origin, 'https://own.example');
    const fields = text.split('\r\n').flatMap((line) => {
      const colon = line.indexOf(':');
      return colon > 0 ? [line.slice(0, colon), line.slice(colon + 1).trim()] : [];
    });
    const { fields: passed } = rewriteRequestFields(fields, { host: 'h', cookie: undefined, append: [] });
    for (let i = 0; i < passed.length; i += 2)
      assert.doesNotMatch(passed[i] as string, /^(?:x[-_]manis[-_]|remote[-_]user$|x[-_]forwarded[-_])/i);
  },
};
