import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { True } from '../truth.ts';
import { readGlob } from './glob.ts';
import { PathIndex } from './path-index.ts';

function compileGlob(pattern: string): (path: string) => boolean {
  const index = new PathIndex();
  const number = index.add(readGlob(pattern));
  return (path) => index.matches(number, path) === True;
}

test('globs', () => {
  const table: [pattern: string, matches: string[], others: string[]][] = [
    ['/a', ['/a'], ['/', '/a/', '/ab', '/b/a']],
    ['/*', ['/', '/a'], ['/a/b', '/a/']],
    ['/*.png', ['/x.png', '/.png'], ['/x.png/', '/a/x.png', '/x.pngs']],
    ['/a?c', ['/abc'], ['/ac', '/abbc', '/a/c']],
    ['/**', ['/', '/a', '/a/b/c/'], []],
    ['/files/**', ['/files', '/files/', '/files/a/b'], ['/file', '/filesystem', '/x/files/a']],
    ['/**/admin', ['/admin', '/a/admin', '/a/b/admin'], ['/admin/x', '/xadmin']],
    ['/a/**/b/*/c', ['/a/b/x/c', '/a/b/b/x/c', '/a/x/y/b/z/c'], ['/a/b/c', '/a/b/x/y/c']],
    ['/*a*b*', ['/ab', '/xxaxxbxx', '/aab'], ['/ba', '/a']],
  ];
  for (const [pattern, matches, others] of table) {
    const glob = compileGlob(pattern);
    for (const path of matches) assert.equal(glob(path), true, `${pattern} ${path}`);
    for (const path of others) assert.equal(glob(path), false, `${pattern} ${path}`);
  }
});

test('a glob matches what the regular expression of the same meaning matches', () => {
  const segment = fc.oneof(
    fc.constant('**'),
    fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 4 }).filter((text) => !text.includes('**')),
  );
  const path = fc.array(fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 4 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(fc.array(segment, { minLength: 1, maxLength: 5 }), path, (segments, parts) => {
      // Over the path with a slash after every segment, `**` is any number of them.
      const source = segments.map((text) =>
        text === '**' ? '(?:[^/]*/)*' : `${text.replaceAll('*', '[^/]*').replaceAll('?', '[^/]')}/`,
      );
      const twin = new RegExp(`^${source.join('')}$`);
      assert.equal(compileGlob(`/${segments.join('/')}`)(`/${parts.join('/')}`), twin.test(`${parts.join('/')}/`));
    }),
    { numRuns: 2_000 },
  );
});
