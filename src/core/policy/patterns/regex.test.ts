import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { True } from '../truth.ts';
import { PathIndex } from './path-index.ts';
import { readRegex } from './regex.ts';

function compileRegex(source: string, ignoreCase = false): (path: string) => boolean {
  const tree = readRegex(source, ignoreCase);
  assert.ok(typeof tree !== 'string', `${source}: ${tree}`);
  const index = new PathIndex();
  const number = index.add(tree);
  return (path) => index.matches(number, ignoreCase ? path.toLowerCase() : path) === True;
}

test('regular expressions over the whole path', () => {
  const table: [source: string, matches: string[], others: string[]][] = [
    ['^/a$', ['/a'], ['/', '/ab', 'x/a']],
    ['^/users/[0-9]+$', ['/users/1', '/users/123'], ['/users/', '/users/1a', '/users/1/x']],
    ['^/users/\\d{2,3}$', ['/users/12', '/users/123'], ['/users/1', '/users/1234']],
    ['^/(api|rpc)(/.*)?$', ['/api', '/rpc/x/y'], ['/apis', '/x/api']],
    ['^/[^/]+\\.(png|jpe?g)$', ['/a.png', '/b.jpg', '/b.jpeg'], ['/a/b.png', '/.png.x', '/apng']],
    ['^/v(?:1|2)/\\w*$', ['/v1/', '/v2/a_9'], ['/v3/a', '/v1/a-b']],
    ['^/[a\\]-]$', ['/a', '/]', '/-'], ['/b']],
    ['^/x{0,2}y*?$', ['/', '/x', '/xx', '/xyy'], ['/xxx']],
    ['^/(a*)*b$', ['/b', '/aaab'], ['/aaa']],
    ['^/\\$\\^$', ['/$^'], ['/']],
    ['^/\\S\\D$', ['/ab'], ['/a1', '/ b']],
  ];
  for (const [source, matches, others] of table) {
    const regex = compileRegex(source);
    for (const path of matches) assert.equal(regex(path), true, `${source} ${path}`);
    for (const path of others) assert.equal(regex(path), false, `${source} ${path}`);
  }
});

test('capitals are told apart unless the rule says not to, in classes and their opposites too', () => {
  const table: [source: string, path: string, matches: boolean][] = [
    ['^/Admin$', '/aDMIN', true],
    ['^/[A-F]+$', '/aF', true],
    ['^/[^A]$', '/a', false],
    ['^/[^A]$', '/b', true],
    ['^/É$', '/é', true],
    ['^/\\D\\W$', '/X-', true],
  ];
  for (const [source, path, matches] of table) assert.equal(compileRegex(source, true)(path), matches, source);
  assert.equal(compileRegex('^/Admin$')('/admin'), false);
});

test('what cannot be matched in one pass, or is not meant as it is written, is refused with a reason', () => {
  const table: [source: string, reason: RegExp][] = [
    ['/admin', /from \^ to \$/],
    ['^/admin\\$', /from \^ to \$/],
    ['^/a|/b$', /in a group/],
    ['^/(a)\\1$', /back-references/],
    ['^/(?=a)a$', /looking/],
    ['^/(?<n>a)$', /named/],
    ['^/a**$', /after another/],
    ['^/(a$', /no \$|a \) for/],
    ['^/a)$', /no "\)"/],
    ['^/[a$', /a \] for/],
    ['^/[]$', /empty/],
    ['^/[z-a]$', /a range/],
    ['^/a{3,2}$', /repetition/],
    ['^/a{101}$', /repetition/],
    ['^/a{x}$', /repetition/],
    ['^/\\p$', /escape/],
    ['^/a^b$', /no \^/],
    ['^*$', /before \*/],
    [`^/${'('.repeat(30)}a${')'.repeat(30)}$`, /nested/],
  ];
  for (const [source, reason] of table) {
    const fault = readRegex(source);
    assert.ok(typeof fault === 'string', `${source} was taken`);
    assert.match(fault, reason);
  }
});

test('it matches what the engine of the language matches', () => {
  const atom = fc.constantFrom(
    'a',
    'b',
    '/',
    '.',
    '[ab]',
    '[^a]',
    '\\w',
    '[a-c/]',
    '(a|b)',
    '(?:ab|c)',
    '((a*b)*)',
    '\\/',
  );
  const piece = fc
    .tuple(atom, fc.constantFrom('', '', '', '*', '+', '?', '{2}', '{1,3}', '{2,}'))
    .map((p) => p.join(''));
  const source = fc.array(piece, { maxLength: 6 }).map((pieces) => `^/${pieces.join('')}$`);
  const path = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '/'), maxLength: 8 }).map((text) => `/${text}`);
  fc.assert(
    fc.property(source, fc.array(path, { maxLength: 10 }), fc.boolean(), (text, paths, ignoreCase) => {
      const regex = compileRegex(text, ignoreCase);
      const twin = new RegExp(text, ignoreCase ? 'is' : 's');
      for (const one of paths) assert.equal(regex(one), twin.test(one), `${text} ${one}`);
    }),
    { numRuns: 3_000 },
  );
});

test('any text is read or refused, never thrown at', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'^$()[]{}|*+?\\.-,09azAZ/d') }), (text) => {
      readRegex(`^${text}$`);
    }),
    { numRuns: 5_000 },
  );
});
