import assert from 'node:assert/strict';
import { Duplex } from 'node:stream';
import { type ConnectionOptions, connect } from 'node:tls';
import { readClientHello } from '../../../src/io/client-hello.ts';
import { type FuzzTarget, joined, latin1 } from '../target.ts';

/** What Node's TLS sends first. */
function clientHello(options: ConnectionOptions): Promise<Uint8Array> {
  return new Promise((resolve) => {
    const socket = new Duplex({
      read() {},
      write(chunk: Buffer, _encoding, done) {
        resolve(joined(chunk));
        done();
      },
    });
    connect({ ...options, socket }).on('error', () => undefined);
  });
}

/** A ClientHello in many records. */
function inRecords(hello: Uint8Array, bytes: number): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let at = 5; at < hello.length; at += bytes) {
    const fragment = hello.subarray(at, at + bytes);
    parts.push(Uint8Array.of(22, 3, 1, fragment.length >> 8, fragment.length & 255), fragment);
  }
  return joined(...parts);
}

export async function clientHelloTarget(): Promise<FuzzTarget> {
  const plain = await clientHello({ servername: 'app.example.com', ALPNProtocols: ['h2', 'http/1.1'] });
  const old = await clientHello({ servername: 'other.example.com', maxVersion: 'TLSv1.2' });
  const nameless = await clientHello({ host: '192.0.2.1' });
  return {
    name: 'ClientHello',
    seeds: [plain, old, nameless, inRecords(plain, 60), inRecords(old, 7)],
    words: ['\x16\x03\x01', '\x01\x00', '\x00\x00\x00\x10', '\x00\x10', 'app.example.com', 'h2', '\0'].map(latin1),
    /** What is read of the first bytes stays so when more come. */
    run(input) {
      const read = readClientHello(input);
      if (read.kind === 'incomplete') {
        assert.ok(read.atLeastBytes > input.length && read.atLeastBytes < 200_000);
        return;
      }
      assert.deepEqual(readClientHello(joined(input, latin1('more'))), read);
      if (read.kind === 'hello') assert.ok((read.serverName?.length ?? 0) <= 255);
    },
  };
}
