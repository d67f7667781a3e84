import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Cast, FAULTS, schedule, whyLeftOut } from './schedule.ts';

const EVERYBODY: Cast = {
  names: {
    pop: ['pop-1', 'pop-2', 'pop-3'],
    connector: ['connector-1', 'connector-2'],
    target: ['target-1', 'target-2'],
    control: ['control-1', 'control-2'],
    postgres: ['postgres'],
    site: ['site'],
  },
  hasNamespaces: true,
};

describe('a schedule of faults', () => {
  test('follows from its seed', () => {
    assert.deepEqual(schedule(1, 60_000, EVERYBODY), schedule(1, 60_000, EVERYBODY));
    assert.notDeepEqual(schedule(1, 60_000, EVERYBODY), schedule(2, 60_000, EVERYBODY));
  });

  test('has every fault within a minute, whatever the seed', () => {
    for (let seed = 0; seed < 200; seed++) {
      const faults = new Set(schedule(seed, 60_000, EVERYBODY).map(({ fault }) => fault));
      assert.equal(faults.size, Object.keys(FAULTS).length, `seed ${seed}`);
    }
  });

  test('strikes those who are there, and two PoPs where it parts them', () => {
    for (const { fault, victims } of schedule(3, 600_000, EVERYBODY)) {
      assert.equal(new Set(victims).size, fault === 'part pops' ? 2 : 1, fault);
      for (const victim of victims) assert.ok(EVERYBODY.names[FAULTS[fault].role].includes(victim), fault);
    }
  });

  test('heals a fault before the next one', () => {
    const strikes = schedule(4, 600_000, EVERYBODY);
    for (const [i, { atMs, lastsMs }] of strikes.entries()) {
      const next = strikes[i + 1];
      if (next) assert.ok(atMs + lastsMs < next.atMs);
    }
  });

  test('leaves out what cannot be, and says why', () => {
    const poor: Cast = { names: { ...EVERYBODY.names, postgres: [] }, hasNamespaces: false };
    const faults = new Set(schedule(5, 600_000, poor).map(({ fault }) => fault));
    assert.equal(faults.has('kill postgres'), false);
    assert.equal(faults.has('cut tunnel'), false);
    assert.equal(whyLeftOut('kill postgres', poor), 'the network has no postgres');
    assert.match(whyLeftOut('cut tunnel', poor) ?? '', /namespaces/);
    assert.equal(whyLeftOut('kill pop', poor), undefined);
  });
});
