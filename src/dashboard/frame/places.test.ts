import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFound, namedPlaces } from './places.ts';

const FOUND: readonly (readonly [search: string, texts: readonly (string | undefined)[], isFound: boolean])[] = [
  ['', ['Wiki'], true],
  ['wik', ['Wiki', undefined], true],
  ['WIKI', ['wiki.example.com'], true],
  ['acme wiki', ['Wiki', 'wiki.acme.example'], true],
  ['  wiki ', ['Wiki'], true],
  ['wikis', ['Wiki'], false],
  ['wiki shop', ['Wiki', 'wiki.acme.example'], false],
];
for (const [search, texts, expected] of FOUND)
  test(`"${search}" ${expected ? 'finds' : 'does not find'} ${texts.join(', ')}`, () =>
    assert.equal(isFound(search, ...texts), expected));

test('nobody is led where they have no right to be', () => {
  assert.deepEqual(namedPlaces(new Set(), ''), []);
  const places = namedPlaces(new Set(['site.read']), '');
  assert.deepEqual(
    places.map(({ to }) => to),
    ['/sites'],
  );
});

test('every place is named once', () => {
  const all = ['read', 'write'].flatMap((verb) =>
    ['organisation', 'installation', 'tenant', 'status', 'resource', 'policy', 'domain', 'site', 'pop', 'user', 'key']
      .concat('session', 'provider', 'credential', 'audit', 'notice', 'invitation')
      .map((noun) => `${noun}.${verb}`),
  );
  const places = namedPlaces(new Set(all), '');
  assert.equal(new Set(places.map(({ key }) => key)).size, places.length);
  const pages = places.filter(({ group }) => group === 'pages');
  assert.equal(new Set(pages.map(({ to }) => to)).size, pages.length);
});
