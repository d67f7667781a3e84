import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ARGON2_CONCURRENCY, ARGON2_QUEUE_MAX } from './password-constants.ts';
import { NOBODYS_HASH, PasswordHasher, passwordAdvice, passwordProblem } from './passwords.ts';

const EMAIL = 'ann.lee@example.org';

test('which passwords will do', () => {
  const cases: [password: string, problem: string | undefined][] = [
    ['', 'too-short'],
    ['ninechars', 'too-short'],
    ['tenchars-x', undefined],
    ['ééééé', 'too-short'],
    ['x'.repeat(513), 'too-long'],
    ['password1234', 'common'],
    ['PassWord!!!!!', 'common'],
    ['Qwertyuiop', 'common'],
    ['1q2w3e4r5t6y', 'common'],
    ['correcthorsebatterystaple', 'common'],
    ['administrator1', 'common'],
    ['ann.lee@example.org', 'like-the-email'],
    ['my ann.lee@example.org', 'like-the-email'],
    ['ann.lee2026!', 'like-the-email'],
    ['ababababab', 'repeats'],
    ['bcdefghijklm', 'repeats'],
    ['67890123456', 'repeats'],
    ['zyxwvutsrqpo', 'repeats'],
    ['a quiet long river', undefined],
    ['пароль-для-входа', undefined],
  ];
  for (const [password, problem] of cases) {
    assert.equal(passwordProblem(password, EMAIL), problem, password);
    if (problem) assert.match(passwordAdvice(problem as Parameters<typeof passwordAdvice>[0]), /^the password /);
  }
});

test('a hash is argon2id with the parameters asked for, and another each time', async () => {
  const hasher = new PasswordHasher();
  const [first, second] = [await hasher.hash('a quiet long river'), await hasher.hash('a quiet long river')];
  assert.match(first, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  assert.notEqual(first, second);
  assert.equal(await hasher.verify(first, 'a quiet long river'), true);
  assert.equal(await hasher.verify(first, 'a quiet long rivet'), false);
});

test('one password in two Unicode spellings is one password', async () => {
  const hasher = new PasswordHasher();
  assert.equal(await hasher.verify(await hasher.hash('caf\u00e9 au lait'), 'cafe\u0301 au lait'), true);
});

test('nobody has no password, and saying so is the same work as refusing somebody', async () => {
  const hasher = new PasswordHasher();
  assert.equal(await hasher.verify(null, 'wrong password'), false);
  // Algorithm, version, memory, passes and lanes, and the sizes of salt and hash.
  const work = (hash: string): string => hash.replace(/\$[^$]+\$[^$]+$/, (ends) => ends.replace(/[^$]/g, '.'));
  assert.equal(work(NOBODYS_HASH), work(await hasher.hash('a quiet long river')));
});

test('more than a few at a time wait, and beyond that are refused', async () => {
  const hasher = new PasswordHasher();
  const all = Array.from({ length: ARGON2_CONCURRENCY + ARGON2_QUEUE_MAX + 3 }, () => hasher.verify(null, 'x'));
  const settled = await Promise.allSettled(all);
  const refused = settled.filter((result) => result.status === 'rejected');
  assert.equal(refused.length, 3);
  for (const result of refused) assert.equal(result.reason.code, 'sign-in-busy');
  assert.equal(await hasher.verify(null, 'x'), false, 'and afterwards it goes on');
});
