import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Difference, isSame, partsOf, reconcile } from './reconcile.ts';

type Case = readonly [
  what: string,
  versions: { readonly seen: object | undefined; readonly mine: object; readonly theirs: object | undefined },
  body: object,
  fields: readonly string[],
];

const SEEN = { name: 'docs', host: 'docs.example', tags: ['a'], secretSet: true };

describe('two people who changed one thing', () => {
  const table: readonly Case[] = [
    ['nobody else: what was typed', { seen: SEEN, mine: { name: 'x' }, theirs: SEEN }, { name: 'x' }, []],
    [
      'other fields: both changes',
      { seen: SEEN, mine: { name: 'x', host: 'docs.example' }, theirs: { ...SEEN, host: 'new.example' } },
      { name: 'x', host: 'new.example' },
      [],
    ],
    [
      'what is in no form: as if nobody had',
      { seen: SEEN, mine: { name: 'x' }, theirs: { ...SEEN, used: 7 } },
      { name: 'x' },
      [],
    ],
    [
      'the same field: a conflict',
      { seen: SEEN, mine: { name: 'x' }, theirs: { ...SEEN, name: 'y' } },
      { name: 'x' },
      ['name'],
    ],
    [
      'the same field to the same: no conflict',
      { seen: SEEN, mine: { name: 'x' }, theirs: { ...SEEN, name: 'x' } },
      { name: 'x' },
      [],
    ],
    [
      'the same list: a conflict',
      { seen: SEEN, mine: { tags: ['a', 'b'] }, theirs: { ...SEEN, tags: ['a', 'c'] } },
      { tags: ['a', 'b'] },
      ['tags'],
    ],
    [
      'a secret that no answer tells: what was typed',
      { seen: SEEN, mine: { secret: 's' }, theirs: SEEN },
      { secret: 's' },
      [],
    ],
    [
      'made by both at once: a conflict',
      { seen: undefined, mine: { host: 'x' }, theirs: { host: 'y' } },
      { host: 'x' },
      ['host'],
    ],
    ['made by one: no conflict', { seen: undefined, mine: { host: 'x' }, theirs: undefined }, { host: 'x' }, []],
    [
      'removed by the other: a conflict',
      { seen: { host: 'y' }, mine: { host: 'x' }, theirs: undefined },
      { host: 'x' },
      ['host'],
    ],
    [
      'emptied by one, changed by the other: a conflict',
      { seen: SEEN, mine: { host: undefined }, theirs: { ...SEEN, host: 'z' } },
      { host: undefined },
      ['host'],
    ],
    [
      'left empty, filled by the other: theirs',
      { seen: { caPem: null }, mine: { caPem: undefined }, theirs: { caPem: 'pem' } },
      { caPem: 'pem' },
      [],
    ],
  ];
  for (const [what, versions, body, fields] of table)
    test(`${what}`, () => {
      const found = reconcile(versions);
      assert.deepEqual([found.body, found.differences.map(({ path }) => path[0])], [body, fields]);
    });

  test('what was shown may be written over, and what came after it may not', () => {
    const accepted = { ...SEEN, name: 'y' };
    const over = reconcile({ seen: SEEN, mine: { name: 'x' }, theirs: accepted, accepted });
    assert.deepEqual([over.body, over.differences], [{ name: 'x' }, []]);
    const later = reconcile({ seen: SEEN, mine: { name: 'x' }, theirs: { ...SEEN, name: 'z' }, accepted });
    assert.deepEqual(later.differences, [{ path: ['name'], seen: 'docs', theirs: 'z', mine: 'x' }]);
  });

  test('written over is what somebody typed, and nothing else', () => {
    const theirs = { ...SEEN, name: 'y', host: 'new.example' };
    const mine = { name: 'x', host: 'docs.example' };
    assert.deepEqual(reconcile({ seen: SEEN, mine, theirs, accepted: theirs }).body, {
      name: 'x',
      host: 'new.example',
    });
  });
});

test('values are alike whatever the order of their keys, and nothing is nothing', () => {
  const table: [one: unknown, other: unknown, alike: boolean][] = [
    [{ a: 1, b: [{ c: 2 }] }, { b: [{ c: 2 }], a: 1 }, true],
    [{ a: 1, b: undefined }, { a: 1 }, true],
    [{ a: null }, {}, true],
    [null, undefined, true],
    [['a', 'b'], ['b', 'a'], false],
    [['a'], ['a', 'b'], false],
    [[], {}, false],
    [0, null, false],
    ['', null, false],
    ['1', 1, false],
  ];
  for (const [one, other, alike] of table) assert.equal(isSame(one, other), alike, JSON.stringify([one, other]));
});

describe('what differs is told', () => {
  const of = (seen: unknown, theirs: unknown, mine: unknown): Difference => ({ path: ['it'], seen, theirs, mine });
  const paths = (difference: Difference) => partsOf(difference).map(({ path }) => path.slice(1).join('.'));

  test('rule by rule, by their ids', () => {
    const [a, b] = [
      { id: 'a', when: 1 },
      { id: 'b', when: 1 },
    ];
    const parts = partsOf(of([a, b], [a, { ...b, when: 2 }], [a, b, { id: 'c', when: 1 }]));
    assert.deepEqual(parts, [
      { path: ['it', 'b'], seen: b, theirs: { ...b, when: 2 }, mine: b },
      { path: ['it', 'c'], seen: undefined, theirs: undefined, mine: { id: 'c', when: 1 } },
    ]);
  });
  test('as a whole where only the order differs', () => {
    const [a, b] = [{ id: 'a' }, { id: 'b' }];
    assert.deepEqual(paths(of([a, b], [b, a], [a, b])), ['']);
  });
  test('field by field within an object', () => {
    assert.deepEqual(paths(of({ x: { y: 1, z: 1 } }, { x: { y: 2, z: 1 } }, { x: { y: 1, z: 3 } })), ['x.y', 'x.z']);
  });
  test('as a whole where members have no names, or one name twice', () => {
    assert.deepEqual(paths(of(['a'], ['a', 'b'], ['a', 'c'])), ['']);
    assert.deepEqual(paths(of([], [{ id: 'a' }, { id: 'a', x: 1 }], [{ id: 'a' }])), ['']);
    assert.deepEqual(paths(of({ a: 1 }, null, { a: 2 })), ['']);
  });
  test('not at all where both made the same of it', () => {
    assert.deepEqual(partsOf(of(1, 2, 2)), []);
  });
});
