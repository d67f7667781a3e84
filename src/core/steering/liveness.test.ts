import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RECOVERY_MS, REPORT_FRESH_MS } from './constants.ts';
import type { Liveness, PeerState } from './facts.ts';
import { LivenessJudge } from './liveness.ts';

/** `b: up, hears a c` */
function peer(popId: string, tunnel: PeerState['tunnel'], hears?: string, receivedMs = 0): PeerState {
  if (hears === undefined) return { popId, tunnel };
  const names = hears.split(' ').filter(Boolean);
  return { popId, tunnel, report: { receivedMs, hears: names } };
}

interface Case {
  readonly name: string;
  readonly pops: string;
  readonly peers: readonly PeerState[];
  /** PoPs with a link to control; left out: control cannot be reached. */
  readonly control?: string;
  readonly expected: Readonly<Record<string, Liveness>>;
}

/** The judge is always `a`. */
const CASES: readonly Case[] = [
  {
    name: 'everybody hears everybody',
    pops: 'a b c',
    peers: [peer('b', 'up', 'a c'), peer('c', 'up', 'a b')],
    control: 'a b c',
    expected: { a: 'up', b: 'up', c: 'up' },
  },
  {
    name: 'one of three is dead',
    pops: 'a b c',
    peers: [peer('b', 'up', 'a'), peer('c', 'down')],
    control: 'a b',
    expected: { a: 'up', b: 'up', c: 'down' },
  },
  {
    name: 'one of three is dead and control is gone',
    pops: 'a b c',
    peers: [peer('b', 'up', 'a'), peer('c', 'down')],
    expected: { a: 'up', b: 'up', c: 'down' },
  },
  {
    name: 'my link to c alone is bad',
    pops: 'a b c',
    peers: [peer('b', 'up', 'a c'), peer('c', 'down')],
    control: 'a b c',
    expected: { c: 'up' },
  },
  {
    name: 'my link to c alone is bad and control is gone',
    pops: 'a b c',
    peers: [peer('b', 'up', 'a c'), peer('c', 'down')],
    expected: { c: 'up' },
  },
  {
    name: 'c lost its link to control alone',
    pops: 'a b c',
    peers: [peer('b', 'up', 'a c'), peer('c', 'up', 'a b')],
    control: 'a b',
    expected: { b: 'up', c: 'up' },
  },
  {
    name: 'two PoPs, the other is dead, control says so too',
    pops: 'a b',
    peers: [peer('b', 'down')],
    control: 'a',
    expected: { a: 'up', b: 'down' },
  },
  {
    name: 'two PoPs, the link between them is cut',
    pops: 'a b',
    peers: [peer('b', 'down')],
    control: 'a b',
    expected: { a: 'up', b: 'up' },
  },
  {
    name: 'two PoPs, the other is not heard and control is gone: who is cut off?',
    pops: 'a b',
    peers: [peer('b', 'down')],
    expected: { a: 'up', b: 'unknown' },
  },
  {
    name: 'I hear nobody: I doubt myself and declare nobody dead',
    pops: 'a b c d',
    peers: [peer('b', 'down', 'a c d'), peer('c', 'down', 'a b d'), peer('d', 'down')],
    expected: { a: 'up', b: 'unknown', c: 'unknown', d: 'unknown' },
  },
  {
    name: 'b says that it hears nobody: it doubts itself and has no vote',
    pops: 'a b c d',
    peers: [peer('b', 'up', ''), peer('c', 'up', 'a b d'), peer('d', 'down')],
    expected: { b: 'up', c: 'up', d: 'up' },
  },
  {
    name: 'the vote of b is not known yet: one bad link is not enough',
    pops: 'a b c',
    peers: [peer('b', 'up'), peer('c', 'down')],
    expected: { b: 'up', c: 'unknown' },
  },
  {
    name: 'the report of b is old, so b has not said that it hears c',
    pops: 'a b c',
    peers: [peer('b', 'up', 'a c', -REPORT_FRESH_MS - 1), peer('c', 'down')],
    expected: { c: 'unknown' },
  },
  {
    name: 'b lies that it hears nobody but me: the others outvote it',
    pops: 'a b c d',
    peers: [peer('b', 'up', 'a'), peer('c', 'up', 'a b d'), peer('d', 'up', 'a b c')],
    expected: { c: 'up', d: 'up' },
  },
  {
    name: 'a split in the middle: each half goes on by itself',
    pops: 'a b c d',
    peers: [peer('b', 'up', 'a'), peer('c', 'down'), peer('d', 'down')],
    expected: { b: 'up', c: 'down', d: 'down' },
  },
  {
    name: 'no word about tunnels yet: the word of control alone takes nobody out',
    pops: 'a b c',
    peers: [],
    control: 'a b',
    expected: { a: 'up', b: 'up', c: 'unknown' },
  },
  {
    name: 'just started: no tunnel had time to come up, control knows them all',
    pops: 'a b c',
    peers: [peer('b', 'unknown'), peer('c', 'unknown')],
    control: 'a b c',
    expected: { b: 'up', c: 'up' },
  },
  { name: 'alone in the world', pops: 'a', peers: [], expected: { a: 'up' } },
  {
    name: 'a tunnel in doubt still counts as heard',
    pops: 'a b c',
    peers: [peer('b', 'suspect', 'a'), peer('c', 'down')],
    expected: { b: 'up', c: 'down' },
  },
];

describe('liveness: PoP a judges', () => {
  for (const { name, pops, peers, control, expected } of CASES) {
    test(name, () => {
      const verdicts = new LivenessJudge().judge(
        {
          self: 'a',
          pops: pops.split(' '),
          peers,
          control: control === undefined ? undefined : new Set(control.split(' ')),
        },
        0,
      );
      for (const [id, liveness] of Object.entries(expected)) assert.equal(verdicts.get(id), liveness, id);
    });
  }

  const alive = { self: 'a', pops: ['a', 'b'], peers: [peer('b', 'up', 'a')], control: new Set(['a', 'b']) };
  const dead = { ...alive, peers: [peer('b', 'down')], control: new Set(['a']) };
  const alone = { ...dead, control: undefined };

  test('who was down is up again only after it was heard for a while', () => {
    const judge = new LivenessJudge();
    assert.equal(judge.judge(dead, 0).get('b'), 'down');
    assert.equal(judge.judge(alive, 1000).get('b'), 'down');
    assert.equal(judge.judge(alive, 999 + RECOVERY_MS).get('b'), 'down');
    assert.equal(judge.judge(alive, 1000 + RECOVERY_MS).get('b'), 'up');
  });

  test('a flap begins the wait anew', () => {
    const judge = new LivenessJudge();
    judge.judge(dead, 0);
    judge.judge(alive, 1000);
    judge.judge(dead, 2000);
    judge.judge(alive, 2500);
    assert.equal(judge.judge(alive, 1000 + RECOVERY_MS).get('b'), 'down');
    assert.equal(judge.judge(alive, 2500 + RECOVERY_MS).get('b'), 'up');
  });

  test('who was down stays down when the judge begins to doubt itself', () => {
    const judge = new LivenessJudge();
    judge.judge(dead, 0);
    assert.equal(judge.judge(alone, 10_000).get('b'), 'down');
  });
});
