import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TunnelStatus } from '../../core/overlay/index.ts';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import { attachedConnector } from './attached-connector.ts';

function tunnel(loss: number): TunnelStatus {
  const path = { kind: 'udp' as const, via: undefined, state: 'up' as const, rttMs: 3, loss, mtu: 1280 };
  const endpoint = { address: { text: '192.0.2.1' } as never, port: 51820 };
  return {
    ...{ id: 'con_1', role: 'connector', state: 'up', directState: 'up', changedAtMs: 0, rttMs: 3, loss },
    ...{ endpoint: undefined, receivedBytes: 0, sentBytes: 0, paths: [{ ...path, active: true, endpoint }] },
  } as TunnelStatus;
}

const told = (loss: number, software: string | undefined, isOpen: boolean) => {
  const links = { software: () => software, isOpen: () => isOpen };
  const { loss: lost, software: runs, isLinked } = attachedConnector(tunnel(loss), new VirtualClock(), links) ?? {};
  return { lost, runs, isLinked };
};

test('control is told what got lost, what runs and whether the link within is open, where there is something to tell', () => {
  assert.deepEqual(told(0.0213, 'manis/1', true), { lost: 0.021, runs: 'manis/1', isLinked: true });
  assert.deepEqual(told(0.0001, undefined, false), { lost: undefined, runs: undefined, isLinked: undefined });
});
