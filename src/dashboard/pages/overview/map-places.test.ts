import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type PlacedName, placeNames, placeSites, type Spot, shortName } from './map-places.ts';

const DESK = { width: 960, height: 420 };
const PHONE = { width: 358, height: 322 };

const ring = (count: number, radius: number, { width, height }: typeof DESK) =>
  Array.from({ length: count }, (_, i) => ({
    x: width / 2 + radius * Math.cos((2 * Math.PI * i) / count),
    y: height / 2 + radius * Math.sin((2 * Math.PI * i) / count),
    name: `City number ${i}`,
  }));

function assertApart(names: readonly (PlacedName | undefined)[], dots: readonly Spot[], area: typeof DESK): void {
  const boxes = names.flatMap((name) => (name ? [{ ...name, width: name.text.length * 7.4, height: 16 }] : []));
  for (const [i, one] of boxes.entries()) {
    assert.ok(one.x - one.width / 2 >= 0 && one.x + one.width / 2 <= area.width, `${one.text} is cut`);
    for (const other of boxes.slice(i + 1))
      assert.ok(
        Math.abs(one.x - other.x) >= (one.width + other.width) / 2 - 0.01 || Math.abs(one.y - other.y) >= 15.99,
        `${one.text} lies on ${other.text}`,
      );
    for (const dot of dots)
      assert.ok(Math.abs(one.x - dot.x) >= one.width / 2 || Math.abs(one.y - dot.y) >= 8, `${one.text} covers a dot`);
  }
}

const CASES: readonly [what: string, dots: ReturnType<typeof ring>, area: typeof DESK, named: number][] = [
  ['one alone', ring(1, 0, DESK), DESK, 1],
  ['three of one region', ring(3, 40, DESK), DESK, 3],
  ['twelve of one region', ring(12, 60, DESK), DESK, 12],
  ['twelve over the world', ring(12, 200, { ...DESK, height: 418 }), DESK, 12],
  ['three on a phone', ring(3, 40, PHONE), PHONE, 3],
  ['at the edge', [{ x: 4, y: 4, name: 'Corner' }], DESK, 1],
];
for (const [what, dots, area, named] of CASES)
  test(`every name has its place, and none lies on another: ${what}`, () => {
    const names = placeNames(dots, area);
    assert.equal(names.filter(Boolean).length, named);
    assertApart(names, dots, area);
    assert.deepEqual(placeNames(dots, area), names, 'the same each time');
  });

test('where there is no room a name is left out rather than drawn on others', () => {
  const dots = ring(40, 30, PHONE);
  const names = placeNames(dots, PHONE);
  assert.ok(names.some((name) => name === undefined) && names.some((name) => name !== undefined));
  assertApart(names, dots, PHONE);
});

test('sites stand beside their point of presence, apart from one another and inside', () => {
  const pops = ring(3, 50, DESK);
  const wishes = Array.from({ length: 12 }, (_, i) => ({ id: `sit_${i}`, beside: pops[i % 3] as Spot }));
  const spots = placeSites(wishes, pops, DESK);
  const all = [...pops, ...spots];
  for (const [i, one] of all.entries())
    for (const other of all.slice(i + 1)) assert.ok(Math.hypot(one.x - other.x, one.y - other.y) >= 25.99);
  assert.deepEqual(placeSites(wishes, pops, DESK), spots);
});

test('a long name is cut', () => {
  assert.equal(shortName('Amsterdam'), 'Amsterdam');
  assert.equal(shortName('A data centre somewhere'), 'A data centre som…');
});
