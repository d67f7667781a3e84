import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { describe, test } from 'node:test';
import { TCP_IDLE_MS } from './constants.ts';
import { DnsConnections } from './dns-connections.ts';

class FakeSocket extends EventEmitter {
  readonly remoteAddress: string;
  destroyed = false;

  constructor(remoteAddress: string) {
    super();
    this.remoteAddress = remoteAddress;
  }

  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.emit('close');
  }
}

function connectionsOf(total: number, perAddress: number) {
  let evicted = 0;
  const connections = new DnsConnections(total, perAddress, () => evicted++);
  const come = (address: string) => {
    const socket = new FakeSocket(address);
    connections.admit(socket as unknown as Socket);
    return socket;
  };
  const answered = (socket: FakeSocket) => connections.answered(socket as unknown as Socket);
  return { connections, come, answered, evicted: () => evicted };
}

describe('the TCP connections of a name server', () => {
  test('when all are taken, the one that was answered longest ago goes, whosever it is', (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const { come, answered, evicted } = connectionsOf(3, 2);
    const sockets = ['1', '2', '3'].map((last) => come(`192.0.2.${last}`));
    answered(sockets[0] as FakeSocket);
    assert.equal(come('192.0.2.4').destroyed, false);
    assert.deepEqual(
      sockets.map(({ destroyed }) => destroyed),
      [false, true, false],
    );
    assert.equal(evicted(), 1);
  });

  test('an address that has its share takes the place of its own alone', (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const { come } = connectionsOf(3, 2);
    const other = come('192.0.2.1');
    // One /64 is one address.
    const own = ['2001:db8::1', '2001:db8::2', '2001:db8::3', '2001:db8::4'].map(come);
    assert.equal(other.destroyed, false);
    assert.deepEqual(
      own.map(({ destroyed }) => destroyed),
      [true, true, false, false],
    );
  });

  test('one that gets no answers is closed after a few seconds', (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const { come, answered, evicted } = connectionsOf(3, 3);
    const [silent, asking] = [come('192.0.2.1'), come('192.0.2.2')];
    t.mock.timers.tick(TCP_IDLE_MS - 1);
    answered(asking);
    t.mock.timers.tick(1);
    assert.deepEqual([silent.destroyed, asking.destroyed], [true, false]);
    t.mock.timers.tick(TCP_IDLE_MS);
    assert.equal(asking.destroyed, true);
    assert.equal(evicted(), 0);
  });
});
