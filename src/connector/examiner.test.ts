import assert from 'node:assert/strict';
import { type Duplex, duplexPair } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { EXAMINED_POPS_UNASKED, type PopMeasurement } from '../core/doctor/index.ts';
import { type Diagnosis, type GrantedPop, readDiagnosis, type SiteGrant } from '../core/link/index.ts';
import { createLog } from '../io/log.ts';
import type { TunnelSocket } from '../io/overlay/tunnel-socket.ts';
import { SeededRandom } from '../testing/seeded-random.ts';
import { siteGrant } from '../testing/site-grants.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { DIAGNOSIS_RETRY_MS } from './constants.ts';
import { Examiner } from './examiner.ts';

const MINUTE_MS = 60_000;

interface World {
  readonly examiner: Examiner;
  readonly told: Diagnosis[];
  /** What was looked at: names of PoPs, and whether the speed was measured. */
  readonly looks: (readonly [string, boolean])[];
  pass(ms: number): Promise<void>;
  wish(asked: number): void;
  addresses: string;
  /** Whether PoPs take diagnoses: one of before ends the stream. */
  isTaken: boolean;
}

function openWorld(t: TestContext): World {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const clock = new VirtualClock();
  const pop = siteGrant().pops[0] as GrantedPop;
  const pops = Array.from({ length: 6 }, (_, i): GrantedPop => ({ ...pop, id: `pop_${i}`, name: `P${i}` }));
  let examine: SiteGrant['examine'];
  const world = { told: [], looks: [], addresses: '192.0.2.7', isTaken: true } as unknown as World & {
    examiner: Examiner;
  };
  world.examiner = new Examiner({
    ...{ connectorId: 'con_1', software: 'manis/test', clock, random: new SeededRandom(7), proxy: undefined },
    log: createLog({ level: 'silent' }),
    grant: () => ({ ...siteGrant(), pops, ...(examine && { examine }) }),
    isKept: (popId) => popId === 'pop_5',
    addresses: () => world.addresses,
    measure: async (looked, measuresSpeed) => {
      world.looks.push([looked.map(({ name }) => name).join(' '), measuresSpeed]);
      return looked.map(({ name }): PopMeasurement => ({ name, udp: [], tls: [] }));
    },
    open: () => {
      const [near, far] = duplexPair();
      if (world.isTaken) listen(far, world);
      else queueMicrotask(() => near.destroy());
      return near as unknown as TunnelSocket;
    },
  });
  t.after(() => world.examiner.close());
  return Object.assign(world, {
    async pass(ms: number) {
      clock.advance(ms);
      t.mock.timers.tick(ms);
      for (let i = 0; i < 5; i++) await turn();
    },
    wish(asked: number) {
      examine = [
        { connectorId: 'con_2', asked: 99 },
        { connectorId: 'con_1', asked },
      ];
      world.examiner.grantChanged();
    },
  });
}

function listen(stream: Duplex, world: World): void {
  let text = '';
  stream.on('data', (chunk) => {
    text += chunk;
    const diagnosis = text.endsWith('\n') ? readDiagnosis(text.trim()) : undefined;
    if (!diagnosis) return;
    world.told.push(diagnosis);
    stream.end('{"outcome":"kept"}\n');
  });
}

test('after its start a connector looks at some PoPs, those of its tunnels first, and tells', async (t) => {
  const world = openWorld(t);
  await world.pass(MINUTE_MS);
  assert.deepEqual(world.looks, [['P5 P0 P1 P2', false]]);
  const [diagnosis] = world.told;
  assert.deepEqual([diagnosis?.asked, diagnosis?.popsLeftOut], [0, 6 - EXAMINED_POPS_UNASKED]);
});

test('when somebody asks it looks at more, at the speed too, and says which wish it answers', async (t) => {
  const world = openWorld(t);
  await world.pass(MINUTE_MS);
  world.wish(4_711);
  await world.pass(MINUTE_MS);
  assert.deepEqual(world.looks[1], ['P5 P0 P1 P2 P3 P4', true]);
  assert.equal(world.told[1]?.asked, 4_711);
});

test('it looks again when the machine is somewhere else, or UDP is blocked, and not while nothing happens', async (t) => {
  const world = openWorld(t);
  await world.pass(MINUTE_MS);
  world.examiner.look();
  await world.pass(60 * MINUTE_MS);
  assert.equal(world.looks.length, 1);
  world.addresses = '198.51.100.7';
  world.examiner.look();
  await world.pass(2 * MINUTE_MS);
  assert.equal(world.looks.length, 2);
  await world.pass(60 * MINUTE_MS);
  world.examiner.networkChanged();
  await world.pass(2 * MINUTE_MS);
  assert.equal(world.looks.length, 3);
});

test('where PoPs of before take nothing, it tells again until one does, without looking again', async (t) => {
  const world = openWorld(t);
  world.isTaken = false;
  await world.pass(MINUTE_MS);
  assert.deepEqual([world.looks.length, world.told.length], [1, 0]);
  world.isTaken = true;
  await world.pass(DIAGNOSIS_RETRY_MS);
  assert.deepEqual([world.looks.length, world.told.length], [1, 1]);
});
