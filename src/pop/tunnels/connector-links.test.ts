import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { createLog } from '../../io/log.ts';
import type { TunnelSocket } from '../../io/overlay/tunnel-socket.ts';
import { ConnectorLinks } from './connector-links.ts';

class LinkStream extends PassThrough {
  setKeepAlive(): void {}
}

test('a connector that says again and again that it stops is heard once a link', async () => {
  const lines: string[] = [];
  const log = createLog({ level: 'info', destination: { write: (line) => void lines.push(line) } });
  const told: number[] = [];
  const links = new ConnectorLinks(
    () => undefined,
    log,
    { nowMs: () => 0, unixMs: () => 0 },
    { attached: () => undefined, draining: (_id, endsInMs) => void told.push(endsInMs) },
  );
  for (const endsInMs of [5_000, 7_000]) {
    const stream = new LinkStream();
    links.accept('connector-1', 'site-1', stream as unknown as TunnelSocket, { whole: true, pops: [], gone: [] });
    stream.write(`${JSON.stringify({ type: 'draining', endsInMs })}\n`.repeat(1_000));
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.deepEqual(told, [5_000, 7_000]);
  assert.equal(lines.length, 2);
  links.close();
});
