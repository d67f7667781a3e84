import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type IpAddress, parseIpAddress } from '../../base/index.ts';
import type { Heartbeat } from './heartbeat.ts';
import { NextHopTable } from './next-hop-table.ts';
import type { PathState } from './path-health.ts';
import { OverlayPeer } from './peer.ts';

const answer = (echo: number): Heartbeat => ({
  hearsYou: true,
  answerAtOnce: false,
  sequence: 1,
  echo,
  echoDelayUs: 0,
});

/** A peer whose path is in the given state, brought there by heartbeats. */
function peerIn(state: PathState, id: string = state): OverlayPeer {
  const overlayAddress = parseIpAddress('fd6d:616e:6973::1') as IpAddress;
  const options = { id, publicKey: new Uint8Array(32), overlayAddress, dials: true };
  const peer = new OverlayPeer(options, { id: 1, publicKey: options.publicKey }, 0);
  const { health } = peer;
  if (state === 'unproven') return peer;
  let nowMs = 0;
  health.poll(nowMs);
  if (state !== 'down') health.heard(answer(1), nowMs);
  while (health.state !== state) {
    nowMs = health.nextDeadlineMs();
    health.expire(nowMs);
    health.poll(nowMs);
  }
  return peer;
}

const order: [PathState, PathState][] = [
  ['up', 'suspect'],
  ['suspect', 'unproven'],
  ['unproven', 'down'],
  ['up', 'down'],
];
for (const [better, worse] of order) {
  test(`a path that is ${better} is taken before one that is ${worse}, whichever was added first`, () => {
    for (const states of [
      [better, worse],
      [worse, better],
    ]) {
      const table = new NextHopTable();
      for (const state of states) table.add('d', peerIn(state as PathState));
      assert.equal(table.choose('d')?.id, better);
    }
  });
}

test('between equals the one added first is taken, and a peer counts once', () => {
  const table = new NextHopTable();
  const first = peerIn('up', 'first');
  table.add('d', first);
  table.add('d', peerIn('up', 'second'));
  table.add('d', first);
  assert.equal(table.choose('d')?.id, 'first');
  table.remove(first);
  assert.equal(table.choose('d')?.id, 'second');
});

test('a destination without next hops has none, and a removed peer leaves nothing behind', () => {
  const table = new NextHopTable();
  assert.equal(table.choose('d'), undefined);
  const only = peerIn('up');
  table.add('d', only);
  table.remove(only);
  assert.equal(table.choose('d'), undefined);
});
