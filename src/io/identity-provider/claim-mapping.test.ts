import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claimsFault, compileMapping, mapNames } from './claim-mapping.ts';
import { CLAIMS_MAX_DEPTH } from './constants.ts';

const CLAIMS = {
  sub: 's1',
  groups: ['/staff', '/engineering', 7, null, ' /staff ', ''],
  email: 'ann@example.com',
  realm_access: { roles: ['viewer', 'editor'] },
  'https://manis/roles': ['auditor'],
  teams: [
    { org: 'acme', slug: 'core', admin: true },
    { org: 'other', slug: 'core', admin: false },
  ],
};

test('expressions give names', () => {
  const table: [expression: string, names: string[]][] = [
    ['groups', ['/staff', '/engineering']],
    ['groups[*]', ['/staff', '/engineering']],
    ['realm_access.roles', ['viewer', 'editor']],
    ['"https://manis/roles"', ['auditor']],
    ['sub', ['s1']],
    ["contains(groups, '/staff') && 'employee' || 'guest'", ['employee']],
    ["contains(groups, '/none') && 'employee' || 'guest'", ['guest']],
    ["[ends_with(email, '@example.com') && 'internal', 'everybody']", ['internal', 'everybody']],
    ["teams[?org == 'acme'].slug", ['core']],
    ["teams[*].join('/', [org, slug])", ['acme/core', 'other/core']],
    ['teams[?admin].org', ['acme']],
    ['missing', []],
    ['missing[*].name', []],
    [
      `${Array.from({ length: 8 }, (_, i) => `contains(groups, '/g${i}') && 'r${i}'`).join(' || ')} || 'none'`,
      ['none'],
    ],
    ['teams', []],
    ['length(groups)', []],
    ['lower(sub) ', ['s1']],
    // The claims are not of the type that the function takes.
    ['lower(groups)', []],
    ['constructor', []],
    ['__proto__', []],
  ];
  for (const [expression, names] of table) assert.deepEqual(mapNames(expression, CLAIMS), names, expression);
  assert.deepEqual(mapNames(undefined, CLAIMS), []);
});

test('an expression that is none, or could take long or much, is refused before it runs', () => {
  const bombs = [
    'groups[',
    '',
    'x'.repeat(501),
    '[@,@]|[@,@]|[@,@]|[@,@]|[@,@]',
    `@${'|[@,@][]'.repeat(60)}`,
    "pad_left('x', `1000000000`, ' ')",
    "replace(email, 'a', 'aaaaaaaaaa')",
    'groups[?contains($.groups, @)]',
    'let $x = groups in groups[?contains($x, @)]',
    'map(&[@,@], groups)',
    'sort_by(teams, &slug)',
    'zip(groups, groups)',
    `${'!'.repeat(60)}sub`,
    `${'('.repeat(5)}${'sub.'.repeat(100)}sub${')'.repeat(5)}`,
    `[${Array.from({ length: 17 }, () => '@').join(',')}]`,
    'to_string([@,@,@,@])|to_string([@,@,@,@])|to_string([@,@])',
  ];
  for (const bomb of bombs) assert.throws(() => compileMapping(bomb), { code: 'mapping-invalid' }, bomb.slice(0, 60));
});

test('claims that are too many or nest too deep are not mapped', () => {
  const many = { ...CLAIMS, groups: Array.from({ length: 20_000 }, (_, i) => `group-${i}`) };
  assert.equal(claimsFault(many), 'claims-too-large');
  assert.deepEqual(mapNames('sub', many), []);
  let deep: Record<string, unknown> = {};
  for (let depth = 0; depth < CLAIMS_MAX_DEPTH; depth++) deep = { deep };
  assert.equal(claimsFault({ deep }), 'claims-too-deep');
  const allowed = { groups: Array.from({ length: 5_000 }, (_, i) => `group-${i}`) };
  assert.equal(mapNames('groups', allowed).length, 500);
});

test('the heaviest expression that is allowed on the most claims that are is quick', () => {
  const claims = { a: Array.from({ length: 700 }, (_, i) => ({ b: [`x${i}`.repeat(6), { c: [`y${i}`.repeat(6)] }] })) };
  assert.equal(claimsFault(claims), undefined);
  const names = mapNames("[a,a,a,a]|[@,@,@][][][?b[?c[?contains(to_string(@), 'y')]]][].b[][].c[]", claims);
  assert.ok(names.length <= 500);
});
