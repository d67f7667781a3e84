import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HIDDEN, hideFields, hideInTarget, hideMembers, hideParameters } from './hide.ts';

const MORE = new Set(['x-tenant', 'iban']);

test('values of fields that may be secrets are hidden, by name', () => {
  const table: [name: string, value: string, shown: string | undefined][] = [
    ['Authorization', 'Bearer abc', HIDDEN],
    ['Proxy-Authorization', 'Basic abc', HIDDEN],
    ['Cookie', 'a=b', HIDDEN],
    ['Set-Cookie', 'a=b', HIDDEN],
    ['X-Api-Key', 'k', HIDDEN],
    ['X-Gitlab-Token', 't', HIDDEN],
    ['X-CSRF-Token', 't', HIDDEN],
    ['X-Auth', 't', HIDDEN],
    ['X-Amz-Security-Token', 't', HIDDEN],
    ['X-Tenant', 'mine', HIDDEN],
    // Whether a body is from whom it says: no secret, and a replay needs it.
    ['X-Hub-Signature-256', 'sha256=00', 'sha256=00'],
    ['Stripe-Signature', 't=1,v1=00', 't=1,v1=00'],
    ['Idempotency-Key', '1', '1'],
    ['Content-Type', 'text/plain', 'text/plain'],
    ['Author', 'Ann', 'Ann'],
    ['Referer', 'https://ann:pw@a/b?token=1&x=2', `https://${HIDDEN}@a/b?token=${HIDDEN}&x=2`],
    ['Location', '/in?code=1#access_token=2', `/in?code=${HIDDEN}`],
    // Said by nobody but Manis.
    ['X-Manis-Token', 'mnt_1', undefined],
  ];
  for (const [name, value, shown] of table)
    assert.deepEqual(hideFields([name, value], MORE), shown === undefined ? [] : [name, shown], name);
});

test('parameters that open something are hidden in targets', () => {
  const table: [target: string, shown: string][] = [
    ['/a', '/a'],
    ['/a?', '/a?'],
    ['/a?page=2&token=abc', `/a?page=2&token=${HIDDEN}`],
    ['/a?X-Amz-Signature=abc', `/a?X-Amz-Signature=${HIDDEN}`],
    ['/a?sig=abc&key=1&code=2', `/a?sig=${HIDDEN}&key=${HIDDEN}&code=${HIDDEN}`],
    ['/a?to%6ben=abc', `/a?to%6ben=${HIDDEN}`],
    ['/a?%ZZ=abc', '/a?%ZZ=abc'],
    ['/a?iban=DE', `/a?iban=${HIDDEN}`],
    ['/a?flag', '/a?flag'],
    ['/a?0123456789abcdef0123456789', `/a?${HIDDEN}`],
    ['/a?country=DE&monkey=1', '/a?country=DE&monkey=1'],
  ];
  for (const [target, shown] of table) assert.equal(hideInTarget(target, MORE), shown);
});

test('members of JSON that name secrets are hidden, in what is cut as well', () => {
  const table: [json: string, shown: string][] = [
    ['{"password":"a","n":1}', `{"password":"${HIDDEN}","n":1}`],
    ['{"a":{"clientSecret" : "x\\"y"}}', `{"a":{"clientSecret" : "${HIDDEN}"}}`],
    ['{"pin":1234}', `{"pin":"${HIDDEN}"}`],
    ['{"access_token":"abcde', `{"access_token":"${HIDDEN}"`],
    ['{"token":null,"token":""}', '{"token":null,"token":""}'],
    ['{"code":404,"message":"\\"password\\": no"}', '{"code":404,"message":"\\"password\\": no"}'],
    ['{"iban":"DE"}', `{"iban":"${HIDDEN}"}`],
  ];
  for (const [json, shown] of table)
    assert.deepEqual(hideMembers(json, MORE), { text: shown, isHidden: shown !== json }, json);
});

test('forms are like queries', () => {
  const hidden = hideParameters('user=ann&passwd=x', MORE);
  assert.deepEqual(hidden, { text: `user=ann&passwd=${HIDDEN}`, isHidden: true });
});

test('hiding takes time in proportion to the length, whatever the text', () => {
  const length = 200_000;
  for (const part of ['"', '"a"', '"a" ', '"a":', '\\"', '"a\\', ' ', '{"a": ', '"a":1'])
    hideMembers(part.repeat(length / part.length), MORE);
  hideMembers(`"a"${' '.repeat(length)}`, MORE);
  hideParameters('&'.repeat(length), MORE);
});
