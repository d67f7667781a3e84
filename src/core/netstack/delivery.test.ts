import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SeededRandom, testSeed } from '../../testing/seeded-random.ts';
import type { LinkConditions } from '../../testing/simulated-network.ts';
import { assertEmpty, TwoHosts } from '../../testing/two-hosts.ts';

const SEED = testSeed(20260101);
const RUNS = 40;

function conditions(random: SeededRandom): LinkConditions {
  return {
    delayMs: random.integer(0, 60),
    jitterMs: random.pick([0, 0, 3, 20]),
    loss: random.pick([0, 0, 0.01, 0.05, 0.15]),
    duplicate: random.pick([0, 0, 0.02, 0.1]),
    reorder: random.pick([0, 0, 0.03, 0.2]),
    reorderMs: random.integer(1, 30),
    corrupt: random.pick([0, 0, 0.01, 0.05]),
    ...(random.chance(0.5) && {
      bitsPerSecond: random.integer(2, 100) * 1e6,
      queueBytes: random.integer(20, 300) * 1000,
    }),
  };
}

describe('whatever the network does', () => {
  for (let run = 0; run < RUNS; run++) {
    const seed = SEED + run;
    it(`bytes arrive intact, in order and once, and both sides close (seed ${seed})`, () => {
      const random = new SeededRandom(seed);
      const hosts = new TwoHosts(seed, {
        mtu: random.pick([1280, 1420, 9000]),
        forward: conditions(random),
        backward: conditions(random),
      });
      hosts.answerBytes = random.pick([0, 1, 50_000, 200_000]);
      const flows = random.integer(1, 4);
      for (let i = 0; i < flows; i++) hosts.open(random.pick([0, 1, 10_000, 300_000]));
      hosts.network.run(600_000, () => hosts.ends.length >= 2 * flows && hosts.ends.every((end) => end.end));
      for (const end of hosts.ends) {
        assert.equal(end.isCorrupt, false, 'the bytes are the ones that were written');
        assert.equal(end.end, 'closed', `in ${end.connection.state}`);
      }
      for (let i = 0; i < flows; i++) {
        const left = hosts.leftEnds[i];
        const right = hosts.rightEnds.find((end) => end.connection.remote.port === left?.connection.local.port);
        if (left?.end === 'closed' && right?.end === 'closed') {
          assert.equal(right.read, left.toWrite);
          assert.equal(left.read, right.toWrite);
        }
      }
      hosts.network.run(600_000);
      assertEmpty(hosts.left, 'left');
      assertEmpty(hosts.right, 'right');
    });
  }
});

describe('ending at random moments', () => {
  for (let run = 0; run < RUNS; run++) {
    const seed = SEED + 1000 + run;
    it(`leaves no connection, timer or byte behind (seed ${seed})`, () => {
      const random = new SeededRandom(seed);
      const hosts = new TwoHosts(seed, { forward: conditions(random), backward: conditions(random) });
      hosts.answerBytes = 100_000;
      for (let i = 0; i < 4; i++) hosts.open(100_000);
      for (let step = 0; step < 12; step++) {
        hosts.network.run(random.integer(0, 80));
        const ends = hosts.ends;
        const end = random.pick(ends);
        if (random.chance(0.5)) end.connection.abort();
        else end.connection.finish();
      }
      for (const end of hosts.leftEnds) end.connection.abort();
      hosts.network.run(900_000);
      for (const end of hosts.rightEnds) if (end.connection.state !== 'closed') end.connection.abort();
      hosts.network.run(900_000);
      assertEmpty(hosts.left, 'left');
      assertEmpty(hosts.right, 'right');
    });
  }
});

describe('a peer that vanishes', () => {
  it('is noticed by a sender within two minutes', () => {
    const hosts = new TwoHosts(SEED, { forward: { delayMs: 10 } });
    const end = hosts.open(10_000_000);
    hosts.network.run(100);
    hosts.network.forward.conditions = { loss: 1 };
    hosts.network.backward.conditions = { loss: 1 };
    const tookMs = hosts.network.run(400_000, () => end.end !== undefined);
    assert.equal(end.end, 'timeout');
    assert.ok(tookMs < 200_000, `${tookMs} ms`);
  });
});

describe('memory', () => {
  it('stays within the budget of the stack when no program reads', () => {
    const memoryBytes = 2_000_000;
    const hosts = new TwoHosts(SEED, { forward: { delayMs: 5 }, limits: { memoryBytes } });
    hosts.isReading = false;
    for (let i = 0; i < 20; i++) hosts.open(5_000_000);
    hosts.network.run(3000);
    const { memoryUsedBytes = 0 } = hosts.right.counters();
    assert.ok(memoryUsedBytes > memoryBytes / 2, `${memoryUsedBytes} bytes are used`);
    assert.ok(memoryUsedBytes < memoryBytes + 20 * 1420 * 2, `${memoryUsedBytes} bytes are used`);
  });
});
