/**
 * Throughput and fairness over a simulated bottleneck, as a table kept in the repository. It is deterministic: a
 * difference is a change of behaviour. Look at it, then run with UPDATE_SNAPSHOTS=1.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { LinkConditions } from '../../testing/simulated-network.ts';
import { TwoHosts } from '../../testing/two-hosts.ts';

const SNAPSHOT = new URL('./throughput.snapshot.txt', import.meta.url);
const ENDLESS = 1e9;
const RUN_MS = 8000;

interface Scene {
  readonly name: string;
  readonly flows: number;
  readonly mtu?: number;
  readonly link: LinkConditions;
  /** Share of the link, or of the flows' equal share, that must be reached whatever the snapshot says. */
  readonly floor: number;
}

const SCENES: readonly Scene[] = [
  { name: 'short path', flows: 1, link: { delayMs: 2, bitsPerSecond: 20e6, queueBytes: 64_000 }, floor: 0.9 },
  { name: 'long path', flows: 1, link: { delayMs: 50, bitsPerSecond: 20e6, queueBytes: 250_000 }, floor: 0.8 },
  { name: 'shallow queue', flows: 1, link: { delayMs: 20, bitsPerSecond: 20e6, queueBytes: 15_000 }, floor: 0.6 },
  { name: 'deep queue', flows: 1, link: { delayMs: 20, bitsPerSecond: 20e6, queueBytes: 1_000_000 }, floor: 0.9 },
  {
    name: 'large packets',
    flows: 1,
    mtu: 9000,
    link: { delayMs: 10, bitsPerSecond: 20e6, queueBytes: 200_000 },
    floor: 0.9,
  },
  {
    name: '0.1 % loss',
    flows: 1,
    link: { delayMs: 10, bitsPerSecond: 20e6, queueBytes: 64_000, loss: 0.001 },
    floor: 0.6,
  },
  {
    name: '1 % loss',
    flows: 1,
    link: { delayMs: 10, bitsPerSecond: 20e6, queueBytes: 64_000, loss: 0.01 },
    floor: 0.25,
  },
  {
    name: '5 % loss',
    flows: 1,
    link: { delayMs: 10, bitsPerSecond: 20e6, queueBytes: 64_000, loss: 0.05 },
    floor: 0.05,
  },
  {
    name: 'reordering',
    flows: 1,
    link: { delayMs: 10, bitsPerSecond: 20e6, queueBytes: 64_000, reorder: 0.05, reorderMs: 3 },
    floor: 0.7,
  },
  {
    name: 'jitter, duplicates',
    flows: 1,
    link: { delayMs: 10, jitterMs: 5, bitsPerSecond: 20e6, queueBytes: 64_000, duplicate: 0.02 },
    floor: 0.8,
  },
  { name: 'two flows', flows: 2, link: { delayMs: 10, bitsPerSecond: 20e6, queueBytes: 64_000 }, floor: 0.85 },
  { name: 'four flows', flows: 4, link: { delayMs: 10, bitsPerSecond: 20e6, queueBytes: 64_000 }, floor: 0.85 },
  { name: 'sixteen flows', flows: 16, link: { delayMs: 10, bitsPerSecond: 20e6, queueBytes: 64_000 }, floor: 0.8 },
  {
    name: 'sixteen flows, loss',
    flows: 16,
    link: { delayMs: 10, bitsPerSecond: 20e6, queueBytes: 64_000, loss: 0.01 },
    floor: 0.8,
  },
];

interface Row {
  readonly megabits: number;
  readonly share: number;
  /** Jain's index: 1 when all flows got the same. */
  readonly fairness: number;
  readonly resentPercent: number;
  readonly timeouts: number;
  readonly srttMs: number;
}

function measure(scene: Scene, index: number): Row {
  const hosts = new TwoHosts(100 + index, {
    mtu: scene.mtu ?? 1420,
    forward: scene.link,
    backward: { delayMs: scene.link.delayMs ?? 0 },
  });
  for (let i = 0; i < scene.flows; i++) hosts.open(ENDLESS);
  hosts.network.run(RUN_MS);
  const reads = hosts.rightEnds.map((end) => end.read);
  const total = reads.reduce((sum, bytes) => sum + bytes, 0);
  const squares = reads.reduce((sum, bytes) => sum + bytes * bytes, 0);
  const statistics = hosts.leftEnds.map((end) => end.connection.statistics());
  const sum = (pick: (one: (typeof statistics)[number]) => number) =>
    statistics.reduce((all, one) => all + pick(one), 0);
  const megabits = (total * 8) / RUN_MS / 1000;
  return {
    megabits,
    share: (megabits * 1e6) / (scene.link.bitsPerSecond ?? 1),
    fairness: (total * total) / (scene.flows * squares),
    resentPercent: (100 * sum((one) => one.retransmissions)) / sum((one) => one.segmentsSent),
    timeouts: sum((one) => one.timeouts),
    srttMs: sum((one) => one.srttMs ?? 0) / scene.flows,
  };
}

function format(scene: Scene, row: Row): string {
  return [
    scene.name.padEnd(22),
    String(scene.flows).padStart(5),
    row.megabits.toFixed(2).padStart(8),
    row.fairness.toFixed(3).padStart(9),
    row.resentPercent.toFixed(2).padStart(9),
    String(row.timeouts).padStart(9),
    row.srttMs.toFixed(1).padStart(8),
  ].join('');
}

const HEADING = 'a link of 20 Mbit/s    flows  Mbit/s fairness resent % timeouts SRTT ms';

describe('throughput', () => {
  const rows = SCENES.map((scene, index) => ({ scene, row: measure(scene, index) }));

  for (const { scene, row } of rows)
    it(`${scene.name}: ${row.megabits.toFixed(1)} of 20 Mbit/s`, () => {
      assert.ok(row.share >= scene.floor, `${row.share.toFixed(2)} of the link, at least ${scene.floor} is asked`);
      assert.ok(row.fairness > 0.75, `fairness ${row.fairness.toFixed(3)}`);
    });

  it('is what the snapshot says', () => {
    const table = `${[HEADING, ...rows.map(({ scene, row }) => format(scene, row))].join('\n')}\n`;
    if (process.env['UPDATE_SNAPSHOTS'] === '1') writeFileSync(SNAPSHOT, table);
    assert.equal(table, readFileSync(SNAPSHOT, 'utf8'));
  });
});
