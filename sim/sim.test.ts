/** A small world, whole: what `npm run sim` does, in a virtual minute. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { testSeed } from '../src/testing/seeded-random.ts';
import { parseArguments } from './arguments.ts';
import { EventQueue } from './event-queue.ts';
import { CONVERGENCE_AIM_MS, table } from './report.ts';
import { runSim } from './run.ts';

const seed = testSeed(1);

describe(`5 PoPs and 50 connectors in a virtual minute (seed ${seed})`, () => {
  const result = runSim({ pops: 5, connectors: 50, minutes: 1, seed });
  const event = (name: string) => {
    const found = result.events.find((one) => one.name === name);
    assert.ok(found, name);
    return found;
  };

  test('after a start of everything at once all connectors have their tunnels, and all PoPs know a way to them', () => {
    const { connectors, ways } = event('everything starts at once');
    for (const { count, p99, open } of [connectors, ways]) {
      assert.ok(count > 0 && open === 0 && p99 <= CONVERGENCE_AIM_MS, JSON.stringify({ count, p99, open }));
    }
  });

  test('a quiet network stays well, and costs a PoP little', () => {
    const { connectors, ways, answers, popRate, choices } = event('idle');
    assert.deepEqual([connectors.count, ways.count, answers.count, choices], [0, 0, 0, 0]);
    assert.ok(popRate.bytes < 50_000, String(popRate.bytes));
  });

  test('the death of a PoP is seen by DNS in time, and nobody is left without an address', () => {
    const { connectors, ways, answers, users } = event('one PoP killed, for good');
    assert.ok(connectors.count > 0 && ways.open === 0, 'it had tunnels');
    for (const { p99 } of [answers, ways]) assert.ok(p99 <= CONVERGENCE_AIM_MS, String(p99));
    assert.ok(users.moved > 0 && users.failed === 0, JSON.stringify(users));
  });

  test('connectors that restart are back in time', () => {
    const { connectors } = event('10 % of connectors restarted');
    assert.ok(connectors.count > 0 && connectors.p99 <= CONVERGENCE_AIM_MS, String(connectors.p99));
  });

  test('no table refuses what another node says, and the report has every event', () => {
    assert.equal(result.refusals, 0);
    for (const { name } of result.events) assert.ok(table(result).includes(name));
  });
});

test('a run follows from its seed', () => {
  const run = () => runSim({ pops: 3, connectors: 10, minutes: 0.3, seed });
  assert.deepEqual(run(), run());
});

test('what is due later than a turn of the wheel happens in its millisecond, and in order', () => {
  const queue = new EventQueue();
  const happened: string[] = [];
  for (const atMs of [5_000, 3, 1_024, 1_023, 2_048, 3]) {
    queue.at(atMs, () => happened.push(`${atMs} at ${queue.nowMs}`));
  }
  while (queue.nowMs < 6_000) queue.step();
  assert.deepEqual(happened, ['3 at 3', '3 at 3', '1023 at 1023', '1024 at 1024', '2048 at 2048', '5000 at 5000']);
});

describe('arguments', () => {
  test('have values of their own where they are left out', () => {
    assert.deepEqual(parseArguments(['pops=4', '--json']), {
      options: { pops: 4, connectors: 200, seed: 1, minutes: 10, rest: 0 },
      isJson: true,
      isStrict: false,
    });
  });

  test('name events in any order', () => {
    const parsed = parseArguments(['events=kill,start']);
    assert.ok(typeof parsed !== 'string');
    assert.deepEqual(parsed.options.events, ['start', 'kill']);
  });

  for (const wrong of [
    'pops=1',
    'pops=',
    'connectors=2.5',
    'seed=x',
    'minute=3',
    '--quick',
    'events=',
    'events=start,party',
  ]) {
    test(`${wrong} is wrong`, () => assert.equal(typeof parseArguments([wrong]), 'string'));
  }
});
