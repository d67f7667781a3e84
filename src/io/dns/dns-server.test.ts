import assert from 'node:assert/strict';
import { createSocket, Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, test } from 'node:test';
import { TCP_CONNECTIONS_PER_ADDRESS_MAX, TCP_QUERY_MAX_BYTES } from './constants.ts';
import { type DnsRefusal, type DnsServer, openDnsServer } from './dns-server.ts';

const servers: DnsServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

/** Of an answer to a question of five letters, with its length. */
const ANSWER_BYTES = 2 + 'tcp 127.0.0.1 first'.length;

/** Answers with the transport, the address it came from and the message; nothing to "silent". */
async function echo(host = '127.0.0.1') {
  const refused: DnsRefusal[] = [];
  const server = await openDnsServer(
    { host, port: 0 },
    {
      answer: (message, from, transport) => {
        const text = Buffer.from(message).toString();
        return text === 'silent' ? undefined : Buffer.from(`${transport} ${from.text} ${text}`);
      },
      refused: (reason) => refused.push(reason),
    },
  );
  servers.push(server);
  return { port: server.endpoint.port, refused };
}

const framed = (text: string) => {
  const bytes = Buffer.alloc(2 + text.length);
  bytes.writeUInt16BE(text.length);
  bytes.write(text, 2);
  return bytes;
};

async function open(port: number, host = '127.0.0.1') {
  const socket = connect({ host, port });
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  let text = '';
  socket.on('data', (part: Buffer) => {
    text += part.toString('latin1');
  });
  const until = async (length: number) => {
    while (text.length < length) await once(socket, 'data');
    return text;
  };
  return { socket, until };
}

describe('a name server', () => {
  for (const [host, type] of [
    ['127.0.0.1', 'udp4'],
    ['::1', 'udp6'],
  ] as const) {
    test(`answers datagrams on ${host}`, async () => {
      const { port } = await echo(host);
      const client = createSocket(type);
      client.send('hello', port, host);
      const [answer] = (await once(client, 'message')) as [Buffer];
      assert.equal(answer.toString(), `udp ${host} hello`);
      client.close();
    });
  }

  test('outlives a datagram from port 0, where nobody can be answered', async (t) => {
    const bind = t.mock.method(UdpSocket.prototype, 'bind');
    const { refused } = await echo();
    const socket = bind.mock.calls[0]?.this as UdpSocket;
    assert.doesNotThrow(() => socket.emit('message', Buffer.from('hello'), { address: '127.0.0.1', port: 0 }));
    assert.deepEqual(refused, ['dns-no-port']);
  });

  test('answers several queries of one TCP connection, however they are cut', async () => {
    const { port } = await echo();
    const { socket, until } = await open(port);
    const bytes = Buffer.concat([framed('one'), framed('silent'), framed('two'), framed('three')]);
    for (const byte of bytes.subarray(0, 7)) socket.write(Buffer.from([byte]));
    socket.write(bytes.subarray(7));
    const expected = ['one', 'two', 'three'].map((word) => framed(`tcp 127.0.0.1 ${word}`).toString('latin1')).join('');
    assert.equal(await until(expected.length), expected);
    socket.destroy();
  });

  test('cuts who announces too long a query', async () => {
    const { port, refused } = await echo();
    const { socket } = await open(port);
    const length = Buffer.alloc(2);
    length.writeUInt16BE(TCP_QUERY_MAX_BYTES + 1);
    socket.write(length);
    await once(socket, 'close');
    assert.deepEqual(refused, ['dns-tcp-query-too-large']);
  });

  test('cuts who asks and does not read', async () => {
    const { port, refused } = await echo();
    const { socket } = await open(port);
    socket.pause();
    const many = Buffer.concat(Array.from({ length: 200 }, () => framed('x'.repeat(4000))));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    for (let i = 0; i < 60 && !socket.destroyed; i++) socket.write(many);
    socket.on('data', () => undefined);
    while (refused.length === 0) await new Promise((resolve) => setImmediate(resolve));
    socket.resume();
    await closed;
    assert.deepEqual(refused, ['dns-tcp-backlog']);
  });

  test('gives who comes the place of the one that was answered longest ago', async () => {
    const { port, refused } = await echo();
    const opened = await Promise.all(Array.from({ length: TCP_CONNECTIONS_PER_ADDRESS_MAX }, () => open(port)));
    for (const one of opened) {
      one.socket.write(framed('first'));
      await one.until(ANSWER_BYTES);
    }
    const [first, second] = opened;
    assert.ok(first && second);
    first.socket.write(framed('again'));
    await first.until(2 * ANSWER_BYTES);
    // Silence and bytes that are no question do not keep a place.
    second.socket.write(framed('silent'));
    second.socket.write(framed('half').subarray(0, 3));
    const evicted = once(second.socket, 'close');
    const late = await open(port);
    late.socket.write(framed('later'));
    assert.equal((await late.until(ANSWER_BYTES)).slice(2), 'tcp 127.0.0.1 later');
    await evicted;
    assert.deepEqual(refused, ['dns-tcp-connections']);
    assert.equal(first.socket.destroyed, false);
    for (const one of [...opened, late]) one.socket.destroy();
  });

  test('says what is wrong when the port is taken', async () => {
    const { port } = await echo();
    await assert.rejects(openTaken(port), {
      code: 'listen-failed',
      message: `cannot answer DNS on 127.0.0.1:${port}: the port is in use`,
    });
  });
});

function openTaken(port: number): Promise<DnsServer> {
  return openDnsServer({ host: '127.0.0.1', port }, { answer: () => undefined, refused: () => undefined });
}
