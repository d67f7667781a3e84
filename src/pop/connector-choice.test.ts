import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connector, LoopbackDialer } from '../testing/pop-world.ts';
import { SeededRandom, testSeed } from '../testing/seeded-random.ts';
import { ConnectorChoice } from './connector-choice.ts';

const random = new SeededRandom(testSeed(41));
const [a, b, c] = [connector('a', 'fd00::a'), connector('b', 'fd00::b'), connector('c', 'fd00::c')];

const cases: { what: string; prepare: (dialer: LoopbackDialer) => void; order: string }[] = [
  {
    what: 'a direct path before a relayed one',
    prepare: ({ relayed }) => relayed.add('fd00::a').add('fd00::b'),
    order: 'c,ab',
  },
  {
    what: 'a good path before a doubtful one',
    prepare: ({ states }) => states.set('fd00::b', 'suspect'),
    order: 'ac,b',
  },
  {
    what: 'a relayed path that is good before a direct one that is doubtful',
    prepare: ({ states, relayed }) => {
      states.set('fd00::a', 'suspect').set('fd00::c', 'down');
      relayed.add('fd00::b');
    },
    order: 'b,a',
  },
  {
    what: 'one that is about to stop comes last, and is still better than nothing',
    prepare: ({ draining, states }) => {
      draining.add('fd00::a');
      states.set('fd00::b', 'suspect');
    },
    order: 'c,b,a',
  },
  {
    what: 'nothing where nothing leads',
    prepare: ({ states }) => {
      for (const id of 'abc') states.set(`fd00::${id}`, 'down');
    },
    order: '',
  },
];
for (const { what, prepare, order } of cases) {
  test(`connectors are tried in order of their paths: ${what}`, () => {
    const dialer = new LoopbackDialer();
    prepare(dialer);
    const tried = new ConnectorChoice(dialer, random).order([a, b, c], 0).map(({ id }) => id);
    // Equals come in any order: they are compared as sets.
    const groups = order.split(',').filter((group) => group !== '');
    assert.equal(tried.length, groups.join('').length);
    for (const group of groups) assert.deepEqual(tried.splice(0, group.length).sort(), [...group]);
  });
}

test('equals share the load, and one that is slow gets less', () => {
  const choice = new ConnectorChoice(new LoopbackDialer(), random);
  const firsts = { a: 0, b: 0, c: 0 };
  for (let i = 0; i < 600; i++) {
    const id = choice.order([a, b, c], i * 10)[0]?.id as 'a' | 'b' | 'c';
    firsts[id]++;
    choice.started(id, i * 10);
    choice.ended(id, id === 'c' ? 400 : 20, true, i * 10);
  }
  assert.ok(firsts.a > 150 && firsts.b > 150, `seed ${random.seed}: ${JSON.stringify(firsts)}`);
  assert.ok(firsts.c < 100, `seed ${random.seed}: ${JSON.stringify(firsts)}`);
});

test('connectors that are gone are forgotten', () => {
  const choice = new ConnectorChoice(new LoopbackDialer(), random);
  choice.started('a', 0);
  choice.ended('a', 60_000, false, 0);
  choice.retain(new Set());
  const firsts = Array.from({ length: 60 }, () => choice.order([a, b], 1)[0]?.id);
  assert.ok(firsts.includes('a'));
});
