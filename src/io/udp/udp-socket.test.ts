import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DatagramBatch, type Endpoint, formatEndpoint } from '../../base/index.ts';
import { type NativeSockets, nativeSockets } from './native.ts';
import { OffloadUdpSocket } from './offload-socket.ts';
import { openUdpSocket } from './open-udp-socket.ts';
import type { UdpReceiver, UdpSocketOptions } from './udp-socket.ts';

type Kind = NonNullable<UdpSocketOptions['kind']>;

/** Keeps what arrives and wakes whoever waits for a number of bytes. */
class Collector implements UdpReceiver {
  readonly datagrams: { text: string; from: Endpoint }[] = [];
  bursts = 0;
  #bytes = 0;
  #wanted = Number.POSITIVE_INFINITY;
  #wake: () => void = () => undefined;

  receive(bytes: Uint8Array, offset: number, length: number, segmentBytes: number, from: Endpoint): void {
    const step = segmentBytes || length;
    for (let at = offset; at < offset + length; at += step) {
      const end = Math.min(at + step, offset + length);
      this.datagrams.push({ text: Buffer.from(bytes.subarray(at, end)).toString('latin1'), from });
    }
    this.#bytes += length;
    if (this.#bytes >= this.#wanted) this.#wake();
  }

  burstEnded(): void {
    this.bursts++;
  }

  arrived(bytes: number): Promise<void> {
    this.#wanted = bytes;
    return new Promise((resolve) => {
      this.#wake = resolve;
      if (this.#bytes >= bytes) resolve();
    });
  }
}

const silent: UdpReceiver = { receive: () => undefined, burstEnded: () => undefined };
const kinds: Kind[] = nativeSockets() ? ['offload', 'plain'] : ['plain'];
const ways: { address: string }[] = [{ address: '127.0.0.1' }, { address: '::1' }];

for (const from of kinds) {
  for (const to of kinds) {
    for (const { address } of ways) {
      test(`datagrams of mixed sizes go from ${from} to ${to} over ${address} whole and in order`, async () => {
        const collector = new Collector();
        const receiver = await openUdpSocket({ address, port: 0, kind: to }, collector);
        const sender = await openUdpSocket({ address, port: 0, kind: from }, silent);
        assert.equal(sender.kind, from);
        const batch = new DatagramBatch(65_536, 64);
        const sent: string[] = [];
        for (const size of [32, 1452, 1452, 1452, 700, 148, 1452, 92, 32, 32, 9]) {
          const text = String.fromCharCode(65 + sent.length).repeat(size);
          batch.appendCopy(Buffer.from(text, 'latin1'), receiver.local);
          sent.push(text);
        }
        sender.send(batch);
        batch.clear();
        await collector.arrived(sent.join('').length);
        // A receiver that is not told the size of coalesced datagrams sees them joined; the bytes are the same.
        assert.equal(collector.datagrams.map((datagram) => datagram.text).join(''), sent.join(''));
        if (to === 'plain')
          assert.deepEqual(
            collector.datagrams.map((datagram) => datagram.text),
            sent,
          );
        assert.equal(formatEndpoint(collector.datagrams[0]?.from as Endpoint), formatEndpoint(sender.local));
        await Promise.all([sender.close(), receiver.close()]);
      });
    }
  }
}

for (const kind of kinds) {
  test(`an IPv6 wildcard ${kind} socket speaks IPv4 too and names IPv4 peers as IPv4`, async () => {
    const collector = new Collector();
    const wildcard = await openUdpSocket({ address: '::', port: 0, kind }, collector);
    const peerCollector = new Collector();
    const peer = await openUdpSocket({ address: '127.0.0.1', port: 0, kind }, peerCollector);
    const batch = new DatagramBatch(4096, 4);
    batch.appendCopy(Buffer.from('ping'), { address: peer.local.address, port: wildcard.local.port });
    peer.send(batch);
    await collector.arrived(4);
    const from = collector.datagrams[0]?.from as Endpoint;
    assert.equal(formatEndpoint(from), formatEndpoint(peer.local));
    batch.clear();
    batch.appendCopy(Buffer.from('pong'), from);
    wildcard.send(batch);
    await peerCollector.arrived(4);
    assert.equal(peerCollector.datagrams[0]?.text, 'pong');
    await Promise.all([wildcard.close(), peer.close()]);
  });

  test(`a port in use is a Failure that names the port (${kind})`, async () => {
    const first = await openUdpSocket({ address: '127.0.0.1', port: 0, kind }, silent);
    const { port } = first.local;
    await assert.rejects(
      openUdpSocket({ address: '127.0.0.1', port, kind }, silent),
      (error: Error & { code: string }) => {
        assert.equal(error.code, 'port-in-use');
        assert.match(error.message, new RegExp(`port ${port}`));
        return true;
      },
    );
    await first.close();
  });

  test(`bursts end and nothing is sent after close (${kind})`, async () => {
    const collector = new Collector();
    const receiver = await openUdpSocket({ address: '127.0.0.1', port: 0, kind }, collector);
    const sender = await openUdpSocket({ address: '127.0.0.1', port: 0, kind }, silent);
    const batch = new DatagramBatch(4096, 4);
    batch.appendCopy(Buffer.from('x'), receiver.local);
    sender.send(batch);
    await collector.arrived(1);
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    assert.ok(collector.bursts >= 1);
    await sender.close();
    await sender.close();
    sender.send(batch);
    await receiver.close();
  });
}

/** The machine's calls, but the first `sendmsg` fails with this errno. */
function failingOnce(native: NativeSockets, errno: number): NativeSockets {
  let failed = false;
  return {
    ...native,
    sendmsg: (fd, message, flags) => {
      if (failed) return native.sendmsg(fd, message, flags);
      failed = true;
      return -1;
    },
    errno: () => errno,
  };
}

const native = nativeSockets();
const refusals: [string, number, { calls: number; dropped: number }][] = [
  ['EIO: the device cannot segment, so each goes alone, and none is lost', 5, { calls: 1 + 10, dropped: 0 }],
  ['EAGAIN: the buffer is full, so the run is lost and the next is one again', 11, { calls: 1 + 1, dropped: 5 }],
  ['ENETUNREACH: the way is gone for now, so the next run is one again', 101, { calls: 1 + 1, dropped: 5 }],
];
for (const [what, errno, expected] of refusals) {
  test(`a run refused with ${what}`, { skip: native ? false : 'no node:ffi on this machine' }, async () => {
    const collector = new Collector();
    const receiver = await openUdpSocket({ address: '127.0.0.1', port: 0 }, collector);
    const failing = failingOnce(native as NativeSockets, errno);
    const sender = await OffloadUdpSocket.open(failing, { address: '127.0.0.1', port: 0 }, silent);
    const batch = new DatagramBatch(65_536, 64);
    for (let i = 0; i < 5; i++) batch.appendCopy(new Uint8Array(100).fill(i), receiver.local);
    sender.send(batch);
    sender.send(batch);
    await collector.arrived(100 * (10 - expected.dropped));
    assert.deepEqual({ calls: sender.counters.sendCalls, dropped: sender.counters.sendDropped }, expected);
    await Promise.all([sender.close(), receiver.close()]);
  });
}

for (const kind of kinds) {
  test(`a datagram for port 0 is dropped by a ${kind} socket, and what comes after it is sent`, async () => {
    const collector = new Collector();
    const receiver = await openUdpSocket({ address: '127.0.0.1', port: 0, kind }, collector);
    const sender = await openUdpSocket({ address: '127.0.0.1', port: 0, kind }, silent);
    const batch = new DatagramBatch(1_024, 2);
    batch.appendCopy(Buffer.from('lost'), { address: receiver.local.address, port: 0 });
    batch.appendCopy(Buffer.from('arrives'), receiver.local);
    const arrived = collector.arrived(7);
    assert.doesNotThrow(() => sender.send(batch));
    await arrived;
    assert.deepEqual(
      collector.datagrams.map(({ text }) => text),
      ['arrives'],
    );
    assert.equal(sender.counters.sendDropped, 1);
    await Promise.all([receiver.close(), sender.close()]);
  });
}
