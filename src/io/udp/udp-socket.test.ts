import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DatagramBatch, type Endpoint, formatEndpoint } from '../../base/index.ts';
import { REMEMBERED_SENDERS } from './constants.ts';
import { type NativeSockets, nativeSockets } from './native.ts';
import { OffloadUdpSocket } from './offload-socket.ts';
import { openUdpSocket } from './open-udp-socket.ts';
import { Senders } from './senders.ts';
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
    if (length === 0) this.datagrams.push({ text: '', from });
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

for (const kind of kinds) {
  for (const { address } of ways) {
    test(`datagrams of others are each as it came, the empty and the longest too (${kind}, ${address})`, async () => {
      const collector = new Collector();
      const options = { address, port: 0, kind, carries: 'datagrams' } as const;
      const [receiver, sender] = [await openUdpSocket(options, collector), await openUdpSocket(options, silent)];
      assert.equal(sender.dontFragment, false);
      const sent = [0, 0, 9, 9, 9, 5, 1_300, 1_300, 30_000, 3].map((size, i) =>
        String.fromCharCode(65 + i).repeat(size),
      );
      const batch = new DatagramBatch(65_536, 64);
      for (const text of sent) batch.appendCopy(Buffer.from(text), receiver.local);
      sender.send(batch);
      await collector.arrived(sent.join('').length);
      assert.deepEqual(
        collector.datagrams.map(({ text }) => text),
        sent,
      );
      await Promise.all([sender.close(), receiver.close()]);
    });
  }

  test(`a connected socket hears of one alone, and learns that it is not there (${kind})`, async () => {
    const refused = Promise.withResolvers<void>();
    const collector = Object.assign(new Collector(), { refused: () => refused.resolve() });
    const options = { address: '127.0.0.1', port: 0, kind, carries: 'datagrams' } as const;
    const other = await openUdpSocket(options, silent);
    const heard = new Collector();
    const peer = await openUdpSocket(options, heard);
    const socket = await openUdpSocket({ ...options, connectedTo: peer.local }, collector);
    const say = (from: typeof socket, text: string, to: Endpoint): void => {
      const batch = new DatagramBatch(1_024, 2);
      batch.appendCopy(Buffer.from(text), to);
      from.send(batch);
    };
    say(socket, 'hello', peer.local);
    await heard.arrived(5);
    assert.equal(formatEndpoint(heard.datagrams[0]?.from as Endpoint), formatEndpoint(socket.local));
    say(other, 'stranger', socket.local);
    say(peer, 'answer', socket.local);
    await collector.arrived(6);
    assert.deepEqual(
      collector.datagrams.map(({ text, from }) => [text, formatEndpoint(from)]),
      [['answer', formatEndpoint(peer.local)]],
    );
    await peer.close();
    const asking = setInterval(() => say(socket, 'are you there', peer.local), 20);
    await refused.promise;
    clearInterval(asking);
    await Promise.all([socket.close(), other.close()]);
  });
}

test('who sends by turns is known by the same object each time', () => {
  const senders = new Senders();
  const [one, other] = [new Uint8Array([192, 0, 2, 1]), new Uint8Array([192, 0, 2, 255])];
  const first = senders.ofIpv4(one, 53);
  assert.equal(formatEndpoint(first), '192.0.2.1:53');
  assert.equal(formatEndpoint(senders.ofIpv4(other, 65_535)), '192.0.2.255:65535');
  assert.equal(senders.ofIpv4(one, 53), first);
  assert.equal(senders.of('192.0.2.1', 53), first);
  assert.notEqual(senders.ofIpv4(one, 54), first);
  for (let port = 1; port <= REMEMBERED_SENDERS + 1; port++) senders.ofIpv4(one, port);
  assert.notEqual(senders.ofIpv4(other, 65_535), undefined);
});
