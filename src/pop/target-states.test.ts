import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ResourceRecord } from '../core/link/index.ts';
import { connector, LoopbackDialer, resource, target } from '../testing/pop-world.ts';
import { SeededRandom } from '../testing/seeded-random.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import type { SnapshotView } from './snapshot-view.ts';
import { TargetChoice } from './target-choice.ts';
import { TargetStates } from './target-states.ts';

/** As much of a snapshot as the states of targets need. */
function viewOf(record: ResourceRecord, connectors: ReturnType<typeof connector>[]): SnapshotView {
  const published = { record, targets: new Map(record.targets.map((one) => [one.id, one])) };
  return {
    resources: new Map([[record.id, published]]),
    streams: new Map(),
    nodesOf: () => connectors,
    resourceOfTarget: () => published,
  } as unknown as SnapshotView;
}

class World {
  readonly clock = new VirtualClock(1_000, 1_000_000);
  readonly dialer = new LoopbackDialer();
  readonly choice = new TargetChoice(this.dialer, this.clock, new SeededRandom(1));
  readonly states = new TargetStates(this.choice, this.dialer, this.clock);
  readonly connectors = [connector('c1', 'fd00::c1'), connector('c2', 'fd00::c2')];
  readonly view = viewOf(resource(80, { targets: [target(80, { id: 't' })] }), this.connectors);

  /** What control is told, as `connector state reason`. */
  news(): string[] | undefined {
    const news = this.states.news(this.view);
    if (!news) return undefined;
    const said = news.status.map(({ connectorId, state, reason }) => `${connectorId} ${state} ${reason}`);
    return news.whole ? ['whole', ...said] : said;
  }

  check(connectorId: 'c1' | 'c2', state: 'healthy' | 'unhealthy', reason: string): void {
    const [from] = this.connectors.filter(({ id }) => id === connectorId);
    if (from) this.choice.checked(this.view, from, [{ targetId: 't', state, reason, sinceUnixMs: 7 }]);
  }
}

test('a way is as its tunnel, its checks and its requests have it, and only changes are told', () => {
  const world = new World();
  world.dialer.states.set('fd00::c2', 'down');
  assert.deepEqual(world.news(), ['whole', 'c1 unknown not-checked'], 'c2 never had a tunnel here');
  assert.equal(world.news(), undefined);
  world.check('c1', 'healthy', 'ok');
  assert.deepEqual(world.news(), ['c1 healthy ok']);
  world.dialer.states.set('fd00::c1', 'down');
  world.dialer.states.set('fd00::c2', 'up');
  assert.deepEqual(world.news(), ['c1 unhealthy tunnel-down', 'c2 unknown not-checked']);
  world.check('c2', 'unhealthy', 'status-503');
  world.dialer.states.set('fd00::c1', 'suspect');
  assert.deepEqual(world.news(), ['c1 healthy ok', 'c2 unhealthy status-503']);
  world.states.forgetTold();
  assert.deepEqual(world.news(), ['whole', 'c1 healthy ok', 'c2 unhealthy status-503']);
});

test('requests that fail eject a way, and that is told with the time at which it began', () => {
  const world = new World();
  world.news();
  const [published] = world.view.resources.values();
  const pool = published && world.choice.knowledgeOf(published).pool;
  const way = { targetId: 't', connectorId: 'c1', isSuspect: false };
  for (let i = 0; i < 5; i++) pool?.ended(way, 1, 'failed', world.clock.nowMs(), world.clock.unixMs());
  assert.deepEqual(world.states.news(world.view)?.status, [
    { connectorId: 'c1', targetId: 't', state: 'unhealthy', reason: 'ejected', sinceUnixMs: 1_000_000 },
  ]);
});

test('a connector that is reached through another PoP is not said to be lost when it is not', () => {
  const world = new World();
  world.dialer.relayed.add('fd00::c1').add('fd00::c2');
  assert.deepEqual(world.news(), ['whole']);
  world.dialer.states.set('fd00::c1', 'down');
  assert.equal(world.news(), undefined, 'it never was this PoP that reached it');
});
