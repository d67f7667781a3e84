import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HttpUpgrade } from '../io/http/message.ts';
import type { ForwarderParts } from './forward.ts';
import type { AdmittedRequest } from './serving.ts';
import { WebSocketForwarder } from './web-socket.ts';

class Connection {
  destroyed = false;
  destroy(): void {
    this.destroyed = true;
  }
}

test('a WebSocket that was revoked while its stream opened is not joined', async () => {
  const counted: string[] = [];
  const [socket, stream] = [new Connection(), new Connection()];
  let isRevoked = false;
  const nothing = () => undefined;
  const parts = {
    clock: { nowMs: () => 0, unixMs: () => 0 },
    counters: { add: (_kind: string, name: string) => counted.push(name) },
    choice: {
      candidates: () => ({ ways: [{ way: { target: {}, connector: {} } }] }),
      knowledgeOf: () => ({ budget: { earn: nothing }, pool: { started: nothing, ended: nothing } }),
      connectors: { started: nothing, ended: nothing },
    },
    upstreams: {
      open: async () => {
        isRevoked = true;
        return stream;
      },
    },
  } as unknown as ForwarderParts;
  const admitted = { stillAdmitted: () => !isRevoked } as AdmittedRequest;
  const client = { stream: socket as unknown as HttpUpgrade['stream'] } as HttpUpgrade;
  await new WebSocketForwarder(parts).forward(admitted, client, () => assert.fail());
  assert.deepEqual([socket.destroyed, stream.destroyed, counted], [true, true, ['cut']]);
});
