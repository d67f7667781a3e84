import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Endpoint, parseEndpoint } from '../../base/index.ts';
import { FAILURES_FORGOTTEN_MS, FIRST_TRY_MS, RELAY_ASIDE_MS, RELAY_KEPT_MS, STEADY_MS } from './constants.ts';
import { HEARTBEAT_BYTES, type Heartbeat } from './heartbeat.ts';
import { MtuSearch } from './mtu-search.ts';
import { Path, type PathKind } from './path.ts';
import { choosePath } from './path-choice.ts';
import type { OverlayPeer, PeerPath } from './peer.ts';

const ENDPOINT = parseEndpoint('192.0.2.1:1') as Endpoint;
const ANSWER: Heartbeat = {
  hearsYou: true,
  answerAtOnce: false,
  sequence: 1,
  echo: 1,
  echoDelayUs: 0,
  largestHeardBytes: 0,
  sent: 1,
  heard: 1,
};

/** A path that was made long ago and answers, or does not, as its state says. */
function path(kind: PathKind, state: 'unproven' | 'up' | 'suspect' | 'down', nowMs: number, rttMs = 20): PeerPath {
  const via = kind === 'relay' ? ({ directState: 'up' } as OverlayPeer) : undefined;
  const madeAtMs = nowMs - 100_000;
  const one = new Path(kind, {} as OverlayPeer, ENDPOINT, new MtuSearch(1280), madeAtMs, via);
  if (state === 'unproven') return one;
  one.health.poll(madeAtMs);
  one.health.heard(ANSWER, HEARTBEAT_BYTES, madeAtMs + rttMs);
  silence(one, madeAtMs + rttMs + 1_000, state);
  assert.equal(one.health.state, state);
  return one;
}

function silence(one: PeerPath, fromMs: number, until: 'up' | 'suspect' | 'down'): void {
  for (let nowMs = fromMs; one.health.state !== until; nowMs += 10) {
    one.health.expire(nowMs);
    one.health.poll(nowMs);
    assert.ok(nowMs < fromMs + 60_000);
  }
}

const NOW_MS = 1_000_000;

describe('the choice of a path', () => {
  const cases: [name: string, states: [PathKind, 'unproven' | 'up' | 'suspect' | 'down'][], best: number][] = [
    [
      'UDP before TLS before a relay',
      [
        ['relay', 'up'],
        ['tls', 'up'],
        ['udp', 'up'],
      ],
      2,
    ],
    [
      'a carrier that is up before UDP in doubt',
      [
        ['udp', 'suspect'],
        ['tls', 'up'],
      ],
      1,
    ],
    [
      'a relay that nobody tried before UDP in doubt',
      [
        ['udp', 'suspect'],
        ['relay', 'unproven'],
      ],
      1,
    ],
    [
      'UDP in doubt before UDP that never worked',
      [
        ['tls', 'suspect'],
        ['udp', 'unproven'],
      ],
      0,
    ],
    [
      'UDP where all is down',
      [
        ['relay', 'down'],
        ['tls', 'down'],
        ['udp', 'down'],
      ],
      2,
    ],
  ];
  for (const [name, states, best] of cases) {
    test(`is ${name}`, () => {
      const paths = states.map(([kind, state]) => path(kind, state, NOW_MS));
      assert.equal(choosePath(paths, undefined, 0, NOW_MS).path, paths[best]);
    });
  }

  test('is the relay with the shorter round trip', () => {
    const paths = [path('relay', 'up', NOW_MS, 80), path('relay', 'up', NOW_MS, 30)];
    assert.equal(choosePath(paths, undefined, 0, NOW_MS).path, paths[1]);
  });

  test('is none where there is none', () => {
    assert.deepEqual(choosePath([], undefined, 0, NOW_MS), { path: undefined, againAtMs: Number.POSITIVE_INFINITY });
  });

  test('leaves a path in doubt at once, and comes back when the other was steady', () => {
    const [udp, relay] = [path('udp', 'suspect', NOW_MS), path('relay', 'up', NOW_MS)];
    udp.failed(NOW_MS);
    assert.equal(choosePath([udp, relay], udp, 0, NOW_MS).path, relay);
    udp.health.heard({ ...ANSWER, echo: 2 }, HEARTBEAT_BYTES, NOW_MS);
    assert.equal(udp.health.state, 'up');
    const soon = choosePath([udp, relay], relay, NOW_MS, NOW_MS + 10);
    assert.deepEqual([soon.path, soon.againAtMs], [relay, NOW_MS + STEADY_MS]);
    assert.equal(choosePath([udp, relay], relay, NOW_MS, soon.againAtMs).path, udp);
  });

  test('waits longer for a path that fails again and again', () => {
    const [udp, relay] = [path('udp', 'suspect', NOW_MS), path('relay', 'up', NOW_MS)];
    for (let i = 0; i < 3; i++) udp.failed(NOW_MS);
    udp.health.heard({ ...ANSWER, echo: 2 }, HEARTBEAT_BYTES, NOW_MS);
    assert.equal(choosePath([udp, relay], relay, NOW_MS, NOW_MS + 10).againAtMs, NOW_MS + 4 * STEADY_MS);
  });

  test('does not swing between relays of nearly the same length, nor too often between others', () => {
    const [near, far] = [path('relay', 'up', NOW_MS, 50), path('relay', 'up', NOW_MS, 60)];
    assert.equal(choosePath([near, far], far, 0, NOW_MS).path, far);
    const nearer = path('relay', 'up', NOW_MS, 10);
    assert.equal(choosePath([nearer, far], far, NOW_MS - RELAY_KEPT_MS + 1, NOW_MS).path, far);
    assert.equal(choosePath([nearer, far], far, NOW_MS - RELAY_KEPT_MS, NOW_MS).path, nearer);
  });

  test('gives a new direct path a moment before a relay takes over', () => {
    const udp = new Path('udp', {} as OverlayPeer, ENDPOINT, new MtuSearch(1280), NOW_MS) as PeerPath;
    const relay = path('relay', 'unproven', NOW_MS);
    const first = choosePath([udp, relay], undefined, 0, NOW_MS);
    assert.deepEqual([first.path, first.againAtMs], [udp, NOW_MS + FIRST_TRY_MS]);
    assert.equal(choosePath([udp, relay], udp, NOW_MS, first.againAtMs).path, relay);
  });

  test('passes over a relay that was put aside, and over one whose own path is down', () => {
    const [aside, other] = [path('relay', 'up', NOW_MS), path('relay', 'unproven', NOW_MS)];
    aside.putAside(NOW_MS);
    assert.equal(choosePath([aside, other], aside, 0, NOW_MS).path, other);
    assert.equal(aside.state(NOW_MS + RELAY_ASIDE_MS - 1), 'down');
    assert.equal(aside.state(NOW_MS + RELAY_ASIDE_MS), 'up');
    aside.failed(NOW_MS);
    assert.equal(aside.state(NOW_MS + RELAY_ASIDE_MS), 'suspect');
    assert.equal(aside.state(NOW_MS + FAILURES_FORGOTTEN_MS), 'up');
    (other.via as { directState: string }).directState = 'down';
    assert.equal(other.state(NOW_MS), 'down');
  });
});
