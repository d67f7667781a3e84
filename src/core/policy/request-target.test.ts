import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MAXIMUM_TARGET_LENGTH } from './constants.ts';
import { isBelow, normaliseTarget } from './request-target.ts';

function normal(target: string) {
  const result = normaliseTarget(target);
  assert.notEqual(typeof result, 'string', `${target} is refused: ${String(result)}`);
  return result as Exclude<typeof result, string>;
}

test('one path, one spelling', () => {
  const table: [target: string, path: string, plain?: string, withoutParameters?: string][] = [
    ['/', '/'],
    ['/a/b.html', '/a/b.html'],
    ['/a/', '/a/'],
    ['//', '/'],
    ['//a///b//', '/a/b/'],
    ['/./a/./b/.', '/a/b/'],
    ['/a/../b', '/b'],
    ['/a/..', '/'],
    ['/a/b/..', '/a/'],
    ['/a/%2e%2e/b', '/b'],
    ['/a/.%2E/b', '/b'],
    ['/%2e/a', '/a'],
    ['/%41dmin', '/Admin'],
    ['/%7euser/%2d%5F', '/~user/-_'],
    ['/a%20b', '/a%20b', '/a b'],
    ['/a%3ab', '/a%3Ab', '/a:b'],
    ['/a:b@c', '/a:b@c'],
    ['/caf%c3%a9', '/caf%C3%A9', '/café'],
    ['/%f0%9f%98%80', '/%F0%9F%98%80', '/😀'],
    ['/%EF%BB%BFa', '/%EF%BB%BFa', '/\ufeffa'],
    ['/[slug]|{x}', '/%5Bslug%5D%7C%7Bx%7D', '/[slug]|{x}'],
    ['/%5bslug%5d', '/%5Bslug%5D', '/[slug]'],
    ['/100%25', '/100%25', '/100%'],
    ['/a%2520b', '/a%2520b', '/a%20b'],
    ['/.well-known/x', '/.well-known/x'],
    ['/...', '/...'],
    ['/a;v=1/b', '/a;v=1/b', '/a;v=1/b', '/a/b'],
    ['/;x/admin', '/;x/admin', '/;x/admin', '/admin'],
    ['/admin;', '/admin;', '/admin;', '/admin'],
    ['/admin/;x', '/admin/;x', '/admin/;x', '/admin/'],
    ['/admin%3bx', '/admin%3Bx', '/admin;x', '/admin'],
  ];
  for (const [target, path, plain = path, withoutParameters = plain] of table) {
    const result = normal(target);
    assert.deepEqual(
      [result.path, result.plainPath, result.plainPathWithoutParameters],
      [path, plain, withoutParameters],
      target,
    );
  }
});

test('the query is passed on as it is', () => {
  assert.equal(normal('/a').query, '');
  assert.equal(normal('/a?').query, '?');
  assert.equal(normal('/a?b=%2f..%2F&c=/../d//e').query, '?b=%2f..%2F&c=/../d//e');
  assert.equal(normal('/a/../b?x=1?y').path, '/b');
});

test('what two backends could read in two ways is refused by name', () => {
  const table: [target: string, reason: string][] = [
    ['', 'target-not-origin-form'],
    ['*', 'target-not-origin-form'],
    ['http://other/x', 'target-not-origin-form'],
    ['example.org:443', 'target-not-origin-form'],
    ['/a%2fb', 'target-encoded-slash'],
    ['/a%2Fb', 'target-encoded-slash'],
    ['/..%2fadmin', 'target-encoded-slash'],
    ['/a\\b', 'target-backslash'],
    ['/a%5cb', 'target-backslash'],
    ['/..%5C..%5Cadmin', 'target-backslash'],
    ['/a%00', 'target-control-character'],
    ['/a%0d%0aSet-Cookie:x', 'target-control-character'],
    ['/a%7f', 'target-control-character'],
    ['/a b', 'target-character'],
    ['/a\tb', 'target-character'],
    ['/a\0', 'target-character'],
    ['/café', 'target-character'],
    ['/a?b c', 'target-character'],
    ['/a?\r\nX: y', 'target-character'],
    ['/a#b', 'target-fragment'],
    ['/a?b#c', 'target-fragment'],
    ['/a%', 'target-percent-encoding'],
    ['/a%4', 'target-percent-encoding'],
    ['/a%zz', 'target-percent-encoding'],
    ['/%u002e%u002e/', 'target-percent-encoding'],
    ['/%252e%252e/admin', 'target-double-encoding'],
    ['/%252fadmin', 'target-double-encoding'],
    ['/%255cadmin', 'target-double-encoding'],
    ['/%25252e', 'target-double-encoding'],
    ['/%25%32%65', 'target-double-encoding'],
    ['/%2500', 'target-double-encoding'],
    ['/%c0%ae%c0%ae/admin', 'target-not-utf8'],
    ['/%e0%80%af', 'target-not-utf8'],
    ['/%c0%af', 'target-not-utf8'],
    ['/%ff', 'target-not-utf8'],
    ['/%ed%a0%80', 'target-not-utf8'],
    ['/../admin', 'target-above-root'],
    ['/a/../../admin', 'target-above-root'],
    ['/%2e%2e/admin', 'target-above-root'],
    ['/public/..;/admin', 'target-dot-parameters'],
    ['/public/%2e%2e;x=1/admin', 'target-dot-parameters'],
    ['/public/..%3b/admin', 'target-dot-parameters'],
    ['/.;/admin', 'target-dot-parameters'],
    [`/${'a'.repeat(MAXIMUM_TARGET_LENGTH)}`, 'target-too-long'],
  ];
  for (const [target, reason] of table) assert.equal(normaliseTarget(target), reason, target.slice(0, 60));
});

/** Pieces that hurt, so that random targets are worth looking at. */
const piece = fc.constantFrom(
  ...['/', '//', '.', '..', '%2e', '%2E%2e', ';', '%3b', 'a', 'B', '%41', '%c3%a9', '%20', '%25', '2e', '?', '#', '\\'],
  ...['%2f', '%5c', '%00', '%ff', '[', '%5B', '~', '%7E', ':', '@', '=', '%', 'é', '\ufeff', '%ef%bb%bf'],
);
const target = fc.oneof(
  fc.array(piece, { maxLength: 12 }).map((pieces) => `/${pieces.join('')}`),
  fc.string({ maxLength: 30 }).map((text) => `/${text}`),
);

test('normalising twice is normalising once, and no trace of a trick is left', () => {
  let accepted = 0;
  fc.assert(
    fc.property(target, (raw) => {
      const first = normaliseTarget(raw);
      if (typeof first === 'string') return;
      accepted++;
      assert.deepEqual(normaliseTarget(first.path + first.query), first);
      assert.match(first.path, /^\/[\x21-\x7e]*$/);
      assert.doesNotMatch(first.path, /\/\/|\/\.{1,2}(?:\/|$|;)|\\|#|\?|%2f|%5c|%00|%2e|%252e/i);
      assert.equal(decodeURIComponent(first.path), first.plainPath);
      assert.doesNotMatch(first.plainPathWithoutParameters, /;|\/\/|\/\.{1,2}(?:\/|$)/);
    }),
    { numRuns: 3_000 },
  );
  assert.ok(accepted > 300, `only ${accepted} random targets were accepted`);
});

test('spelling any unreserved character as %XX changes nothing', () => {
  const segment = fc.string({ unit: fc.constantFrom(...'abzAZ09-._~'), minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(fc.array(segment, { maxLength: 5 }), fc.infiniteStream(fc.boolean()), (segments, coins) => {
      const path = `/${segments.join('/')}`;
      const spelt = path.replace(/[^/]/g, (character) =>
        coins.next().value ? `%${character.charCodeAt(0).toString(16)}` : character,
      );
      assert.deepEqual(normaliseTarget(spelt), normaliseTarget(path));
    }),
  );
});

test('a part of a resource is a path and what is below it, in every spelling that a backend could read', () => {
  const table: readonly (readonly [string, boolean])[] = [
    ['/docs', true],
    ['/docs/', true],
    ['/docs/a/b?x=/admin', true],
    ['/docs/%61', true],
    ['/%64ocs/a', true],
    ['//docs/a', true],
    ['/docs/a/../b', true],
    ['/docs;x/a', false],
    ['/docs/..', false],
    ['/docs/../admin', false],
    ['/docs/%2e%2e/admin', false],
    ['/docs/./../admin', false],
    ['/docsx', false],
    ['/DOCS/a', false],
    ['/', false],
    ['/admin', false],
    ['/a/docs', false],
  ];
  for (const [raw, expected] of table) {
    const target = normaliseTarget(raw);
    assert.ok(typeof target !== 'string', raw);
    assert.equal(isBelow(target, '/docs'), expected, raw);
  }
  for (const raw of [
    '/docs/..%2fadmin',
    '/docs/%252e%252e/admin',
    '/docs/..\\admin',
    '/docs/..;/admin',
    '/docs/%c0%ae%c0%ae/x',
  ])
    assert.equal(typeof normaliseTarget(raw), 'string', raw);
});
