import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { connect } from 'node:tls';
import { APP_HOST, PopWorld, PUBLIC, resource } from '../../../src/testing/pop-world.ts';
import { CRAFTED } from '../../interop/smuggling/crafted-requests.ts';
import { type FuzzTarget, latin1 } from '../target.ts';

/** An id as the PoP makes them. */
const REQUEST_ID = /^[0-9a-z]+-[0-9a-z]+$/;
/** Connections at once: the answers to most take a turn or two of the event loop. */
const AT_ONCE = 24;
const PATIENCE_MS = 250;

/** Bytes within TLS to a whole PoP: each connection ends, and nothing reaches the backend but what the PoP has made. */
export async function http(): Promise<FuzzTarget> {
  const world = await PopWorld.start();
  const ids = new Set<string>();
  const faults: string[] = [];
  const backend = createServer((request, response) => {
    const { 'x-manis-request-id': id } = request.headers;
    if (typeof id !== 'string' || !REQUEST_ID.test(id)) faults.push(`a request without an id: ${request.url}`);
    else if (ids.has(id)) faults.push(`two requests with the id ${id}`);
    else ids.add(id);
    request.resume().on('end', () => response.end('ok'));
  });
  world.publishBasics(resource(await world.listen(backend), { policy: PUBLIC }));
  const seeds = CRAFTED.filter(({ bytes }) => bytes.length < 2_000).map(({ bytes }) =>
    latin1(bytes.replaceAll('HOST', APP_HOST)),
  );
  const open = new Set<Promise<void>>();
  let runs = 0;
  return {
    name: 'HTTP',
    seeds: seeds.filter((_, index) => index % 4 === 0),
    words: [
      '\r\n',
      '\r\n\r\n',
      'Host: ',
      'Transfer-Encoding: chunked\r\n',
      'Content-Length: 5\r\n',
      '0\r\n\r\n',
      '%2e%2e',
      ' HTTP/1.1\r\n',
    ].map(latin1),
    async run(input) {
      while (open.size >= AT_ONCE) await Promise.race(open);
      const sending = send(world.port, input).finally(() => open.delete(sending));
      open.add(sending);
      assert.deepEqual(faults, []);
      if (++runs % 500 === 0) assert.equal((await world.fetch(APP_HOST, '/honest', { from: '127.0.0.9' })).status, 200);
    },
    close: async () => {
      await Promise.all(open);
      await world.stop();
    },
  };
}

async function send(port: number, input: Uint8Array): Promise<void> {
  const socket = connect({ host: '127.0.0.1', port, servername: APP_HOST, rejectUnauthorized: false });
  socket.on('error', () => undefined);
  socket.resume().end(input);
  const patience = setTimeout(() => socket.destroy(), PATIENCE_MS);
  // A PoP may well reset it.
  await new Promise((resolve) => socket.once('close', resolve));
  clearTimeout(patience);
}
