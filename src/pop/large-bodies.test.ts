import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { APP_HOST, PopWorld, resource } from '../testing/pop-world.ts';

// Heavy: two gigabytes over TLS with client, PoP and backend in one process, some 10 s on a quiet machine.

const SIZE = 1024 ** 3;
const CHUNK = Buffer.alloc(262_144, 'x');
/** What the process may grow by while a gigabyte passes: buffers of three programs and what is not collected yet. */
const GROWTH_BYTES = 160 * 1024 * 1024;

let world: PopWorld;
let received = 0;
before(async () => {
  world = await PopWorld.start();
  const backend = createServer((request, response) => {
    if (request.method === 'POST') {
      request.on('data', (part: Buffer) => {
        received += part.length;
      });
      request.on('end', () => response.end(String(received)));
      return;
    }
    response.writeHead(200, { 'Content-Length': String(SIZE) });
    let left = SIZE;
    const more = (): void => {
      while (left > 0) {
        left -= CHUNK.length;
        if (!response.write(CHUNK)) return void response.once('drain', more);
      }
      response.end();
    };
    more();
  });
  world.publishBasics(resource(await world.listen(backend)));
});
after(() => world.stop());

/** The most that the process grew while something ran. */
async function growthOf(run: () => Promise<void>): Promise<number> {
  const start = process.memoryUsage.rss();
  let most = start;
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss());
  }, 20);
  await run();
  clearInterval(watch);
  return most - start;
}

test('a gigabyte down needs no more memory than a megabyte', async () => {
  const growth = await growthOf(async () => {
    const client = await world.connect(APP_HOST);
    let bytes = 0;
    client.on('data', (part: Buffer) => {
      bytes += part.length;
    });
    client.on('end', () => client.end());
    client.write(
      `GET / HTTP/1.1\r\nHost: ${APP_HOST}\r\nCookie: ${world.sessionCookie('app', APP_HOST)}\r\nConnection: close\r\n\r\n`,
    );
    await new Promise((resolve) => client.on('close', resolve));
    assert.ok(bytes > SIZE && bytes < SIZE + 4_096, `${bytes} bytes came`);
  });
  assert.ok(growth < GROWTH_BYTES, `grew by ${Math.round(growth / 1e6)} MB`);
});

test('a gigabyte up needs no more memory than a megabyte', async () => {
  const growth = await growthOf(async () => {
    const client = await world.connect(APP_HOST);
    let text = '';
    client.on('data', (part) => {
      text += part;
    });
    client.on('end', () => client.end());
    client.write(
      `POST / HTTP/1.1\r\nHost: ${APP_HOST}\r\nCookie: ${world.sessionCookie('app', APP_HOST)}\r\nContent-Length: ${SIZE}\r\nConnection: close\r\n\r\n`,
    );
    let left = SIZE;
    const more = (): void => {
      while (left > 0) {
        left -= CHUNK.length;
        if (!client.write(CHUNK)) return void client.once('drain', more);
      }
    };
    more();
    await new Promise((resolve) => client.on('close', resolve));
    assert.match(text, new RegExp(`\r\n\r\n.*${SIZE}`, 's'));
  });
  assert.ok(growth < GROWTH_BYTES, `grew by ${Math.round(growth / 1e6)} MB`);
});
