import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import type { TunnelSocket } from '../../io/overlay/tunnel-socket.ts';
import { MeshLink, type MeshRefusal } from './mesh-link.ts';

class LinkStream extends PassThrough {
  setKeepAlive(): void {}
}

test('a PoP that says hello twice is heard once and loses its link', async () => {
  const stream = new LinkStream();
  const greeted: string[] = [];
  const refused: MeshRefusal[] = [];
  // The stream gives back what the link writes: our own hello is the first that it hears.
  new MeshLink(stream as unknown as TunnelSocket, { popId: 'pop-2', software: 'manis/test' }, 'pop-2', {
    hello: (software) => void greeted.push(software),
    attached: () => undefined,
    report: () => undefined,
    refused: (reason) => void refused.push(reason),
  });
  stream.write(`${JSON.stringify({ type: 'hello', popId: 'pop-2', software: 'manis/test' })}\n`.repeat(1_000));
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual([greeted, refused, stream.destroyed], [['manis/test'], ['hello-again'], true]);
});
