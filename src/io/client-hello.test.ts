import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { test } from 'node:test';
import { connect as tlsConnect } from 'node:tls';
import fc from 'fast-check';
import { type ClientHello, peekServerName, readClientHello } from './client-hello.ts';
import { CLIENT_HELLO_MAX_BYTES } from './client-hello-constants.ts';

const hello = (serverName: string | undefined, protocols: readonly string[] = []): ClientHello => ({
  kind: 'hello',
  serverName,
  protocols,
});

/** The first bytes that OpenSSL sends. */
async function bytesOf(options: {
  servername?: string;
  minVersion?: 'TLSv1.2' | 'TLSv1.3';
  maxVersion?: 'TLSv1.2';
  ALPNProtocols?: string[];
}) {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = tlsConnect({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, ...options });
  client.on('error', () => undefined);
  const [socket] = await once(server, 'connection');
  const [bytes] = await once(socket, 'data');
  client.destroy();
  socket.destroy();
  server.close();
  return bytes as Buffer;
}

/** The same message cut into records of `size` bytes. */
function inRecords(bytes: Buffer, size: number): Buffer {
  const message = bytes.subarray(5);
  const records: Buffer[] = [];
  for (let at = 0; at < message.length; at += size) {
    const part = message.subarray(at, at + size);
    records.push(Buffer.from([22, 3, 1, part.length >> 8, part.length & 255]), part);
  }
  return Buffer.concat(records);
}

const real = await bytesOf({ servername: 'App.Example.COM' });

test('the name is read as OpenSSL sends it, over TLS 1.2 and 1.3, with and without one', async () => {
  assert.deepEqual(readClientHello(real), hello('app.example.com'));
  assert.deepEqual(readClientHello(await bytesOf({ servername: 'a.b', maxVersion: 'TLSv1.2' })), hello('a.b'));
  assert.deepEqual(readClientHello(await bytesOf({ minVersion: 'TLSv1.3' })), hello(undefined));
});

test('the protocols are read, whatever comes first', async () => {
  const read = readClientHello(await bytesOf({ servername: 'a.b', ALPNProtocols: ['acme-tls/1', 'h2'] }));
  assert.deepEqual(read, hello('a.b', ['acme-tls/1', 'h2']));
});

test('every beginning of it is incomplete, and says how much is missing at the least', () => {
  for (let length = 0; length < real.length; length++) {
    const read = readClientHello(real.subarray(0, length));
    assert.equal(read.kind, 'incomplete', `at ${length}`);
    if (read.kind === 'incomplete') assert.ok(read.atLeastBytes > length && read.atLeastBytes <= real.length);
  }
});

test('it may come in a few records, and not in many', () => {
  const size = Math.ceil((real.length - 5) / 4);
  assert.deepEqual(readClientHello(inRecords(real, size)), hello('app.example.com'));
  assert.deepEqual(readClientHello(inRecords(real, 1)), { kind: 'other' });
});

test('what is no ClientHello is something else from its first byte on', () => {
  for (const text of ['GET / HTTP/1.1\r\n', '\x80\x2e\x01\x00\x02', 'SSH-2.0-', '\x16\x02'])
    assert.deepEqual(readClientHello(Buffer.from(text, 'latin1')), { kind: 'other' }, JSON.stringify(text));
  const long = Buffer.from([22, 3, 1, 0x40, 0x00, 1, 0xff, 0xff, 0xff]);
  assert.ok(['other', 'incomplete'].includes(readClientHello(long).kind));
});

test('no bytes make it throw, or wait for more than it looks at', () => {
  const judge = (bytes: Uint8Array): void => {
    const read = readClientHello(bytes);
    if (read.kind === 'incomplete')
      assert.ok(read.atLeastBytes > bytes.length && read.atLeastBytes <= CLIENT_HELLO_MAX_BYTES);
  };
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), judge), { numRuns: 2000 });
  const place = fc.nat(real.length - 1);
  const changed = fc.array(fc.tuple(place, fc.nat(255)), { minLength: 1, maxLength: 6 });
  const change = (changes: [number, number][]): void => {
    const bytes = Uint8Array.from(real);
    for (const [at, value] of changes) bytes[at] = value;
    judge(bytes);
  };
  fc.assert(fc.property(changed, change), { numRuns: 5000 });
});

test('a real client is told apart by what it asks for, however slowly it speaks', async () => {
  const names: (string | undefined)[] = [];
  const server = createServer((socket) =>
    peekServerName(socket, 10_000, (name) => {
      names.push(name);
      assert.deepEqual(socket.read(), real, 'every byte is there still');
      socket.destroy();
    }),
  ).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  const closed = once(socket, 'close');
  await once(socket, 'connect');
  for (const byte of real) {
    socket.write(Buffer.from([byte]));
    await new Promise(setImmediate);
  }
  await closed;
  const gone = connect({ host: '127.0.0.1', port });
  const goneClosed = once(gone, 'close');
  gone.end(real.subarray(0, 20));
  await goneClosed;
  server.close();
  assert.deepEqual(names, ['app.example.com']);
});
