import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { changesBetween } from './differences.ts';
import { canonicalText, type Json, sameJson } from './json.ts';
import { planOf, type Thing } from './plan.ts';
import { isPersonalSource, isSource } from './sources.ts';

const FILE = 'file:infra';
const own = { source: FILE, prune: false, takeOver: false };
const site = (name: string, source: string | null = FILE): Thing => ({ noun: 'sites', name, fields: {}, source });
const wiki = (url: string, source: string | null = FILE): Thing => ({
  ...{ noun: 'resources', name: 'wiki', source },
  fields: { host: 'wiki.example.com', targets: [{ site: 'home', url }] },
});
const said = (plan: ReturnType<typeof planOf>) => plan.steps.map(({ verb, noun, name }) => `${verb} ${noun} ${name}`);

describe('a plan', () => {
  test('adds sites before the resources that name them', () =>
    assert.deepEqual(said(planOf([wiki('http://a'), site('home')], [], own)), [
      'create sites home',
      'create resources wiki',
    ]));

  test('says each field that changes, at its place', () =>
    assert.deepEqual(planOf([wiki('http://b')], [wiki('http://a')], own).steps[0]?.changes, [
      { path: 'targets[0].url', before: 'http://a', after: 'http://b' },
    ]));

  test('does nothing where everything is as it should be, whoever owns it', () => {
    const plan = planOf([wiki('http://a'), site('home')], [wiki('http://a', null), site('home')], own);
    assert.deepEqual([plan.steps, plan.refusals, plan.unchanged], [[], [], 2]);
  });

  for (const owner of [null, 'docker:con_1', 'file:other'])
    test(`refuses to change what belongs to ${owner ?? 'the dashboard'}, and says whose it is`, () => {
      const plan = planOf([wiki('http://b')], [wiki('http://a', owner)], own);
      assert.deepEqual(plan.steps, []);
      assert.match(plan.refusals[0]?.text ?? '', new RegExp(`belongs to ${owner ?? 'the console'}: .*--take-over`));
    });

  test('takes over what it was told to, changed or not', () => {
    const plan = planOf([wiki('http://b'), site('home')], [wiki('http://a', null), site('home', 'file:other')], {
      ...own,
      takeOver: true,
    });
    assert.deepEqual(
      plan.steps.map(({ verb, takenFrom }) => [verb, takenFrom]),
      [
        ['take-over', 'file:other'],
        ['update', 'dashboard'],
      ],
    );
  });

  test('removes only what its own source owns: leaves first, what they stand on last', () => {
    const current = [site('home'), site('lab', null), wiki('http://a')];
    const plan = planOf([site('new')], current, { ...own, prune: true });
    assert.deepEqual(said(plan), ['delete resources wiki', 'create sites new', 'delete sites home']);
  });

  test('says what is left where nobody said prune', () =>
    assert.deepEqual(planOf([], [site('home'), site('lab', null)], own).left, [{ noun: 'sites', name: 'home' }]));

  test("takes the organisation's settings where nobody owns them yet", () => {
    const of = (name: string, source: string | null): Thing => ({
      ...{ noun: 'organisation', name: 'organisation', fields: { name }, source },
    });
    assert.deepEqual(said(planOf([of('B', null)], [of('A', null)], own)), ['update organisation organisation']);
    assert.equal(planOf([of('B', null)], [of('A', 'file:other')], own).refusals.length, 1);
  });
});

describe('differences', () => {
  test('compare rules by their id, and name a new order', () =>
    assert.deepEqual(
      changesBetween(
        [
          { id: 'a', n: 1 },
          { id: 'b', n: 1 },
        ],
        [
          { id: 'b', n: 2 },
          { id: 'a', n: 1 },
        ],
        'rules',
      ),
      [
        { path: 'rules[b].n', before: 1, after: 2 },
        { path: 'rules (order)', before: ['a', 'b'], after: ['b', 'a'] },
      ],
    ));

  test('are there exactly where two values differ', () =>
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        assert.equal(changesBetween(a as Json, b as Json).length === 0, sameJson(a as Json, b as Json));
        assert.deepEqual(changesBetween(a as Json, JSON.parse(JSON.stringify(a)) as Json), []);
      }),
    ));

  test('see no order of keys', () =>
    assert.equal(canonicalText({ a: 1, b: { c: [2], d: null } }), canonicalText({ b: { d: null, c: [2] }, a: 1 })));
});

describe('a source', () => {
  for (const [text, is, isOfPeople] of [
    ['dashboard', true, true],
    ['file:infra', true, true],
    ['file:con_1', true, false],
    ['docker:con_0abc', true, false],
    ['docker:web', false, false],
    ['file:', false, false],
    ['file:a b', false, false],
    ['Dashboard', false, false],
  ] as const)
    test(`${JSON.stringify(text)} is ${is ? 'one' : 'none'}`, () =>
      assert.deepEqual([isSource(text), isPersonalSource(text)], [is, isOfPeople]));
});
