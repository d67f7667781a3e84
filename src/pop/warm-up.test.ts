import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import type { HttpUpgrade } from '../io/http/message.ts';
import { WARM_UP_LOOK_MS, WARM_UP_MS } from './constants.ts';
import { Forwarder, type ForwarderParts } from './forward.ts';
import type { AdmittedRequest } from './serving.ts';
import { WarmUp } from './warm-up.ts';
import { WebSocketForwarder } from './web-socket.ts';

const never = () => false;

test('requests wait for a way after a restart, and for nothing at any other time', (t) => {
  mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  t.after(() => mock.timers.reset());
  const begun: string[] = [];
  const warmUp = new WarmUp();
  warmUp.run(never, () => begun.push('before'));
  warmUp.start();
  warmUp.run(
    () => true,
    () => begun.push('ready'),
  );
  let isThere = false;
  warmUp.run(
    () => isThere,
    () => begun.push('came'),
  );
  warmUp.run(never, () => begun.push('never came'));
  mock.timers.tick(WARM_UP_LOOK_MS);
  assert.deepEqual(begun, ['before', 'ready']);
  isThere = true;
  mock.timers.tick(WARM_UP_LOOK_MS);
  assert.deepEqual(begun, ['before', 'ready', 'came']);
  mock.timers.tick(WARM_UP_MS + WARM_UP_LOOK_MS);
  warmUp.run(never, () => begun.push('after'));
  assert.deepEqual(begun, ['before', 'ready', 'came', 'never came', 'after']);
});

function partsWith(
  warmUp: WarmUp,
  counted: string[],
  open: () => Promise<unknown> = () => Promise.reject(new Error()),
) {
  const ways = [{ way: { target: {}, connector: {} } }];
  const nothing = () => undefined;
  return {
    warmUp,
    clock: { nowMs: () => 0, unixMs: () => 0 },
    counters: { add: (_kind: string, name: string) => counted.push(name) },
    choice: {
      candidates: () => ({ ways }),
      knowledgeOf: () => ({ budget: { earn: nothing }, pool: { started: nothing, ended: nothing } }),
      connectors: { started: nothing, ended: nothing },
    },
    upstreams: { open },
  } as unknown as ForwarderParts;
}

class Connection {
  destroyed = false;
  destroy(): void {
    this.destroyed = true;
  }
}

test('what was revoked while a request waited is not begun', (t) => {
  mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  t.after(() => mock.timers.reset());
  const [counted, response, warmUp] = [[] as string[], new Connection(), new WarmUp()];
  warmUp.start();
  const parts = partsWith(warmUp, counted);
  const none = { ...parts, choice: { candidates: () => ({ ways: [] }) } } as unknown as ForwarderParts;
  const admitted = { stillAdmitted: () => false } as AdmittedRequest;
  new Forwarder(none).forward(admitted, response as never, { hasBody: false, alone: false }, () => assert.fail());
  assert.equal(response.destroyed, false);
  mock.timers.tick(WARM_UP_MS + WARM_UP_LOOK_MS);
  assert.equal(response.destroyed, true);
  assert.deepEqual(counted, ['cut']);
});

test('a WebSocket that was revoked while its stream opened is not joined', async () => {
  const counted: string[] = [];
  const [socket, stream] = [new Connection(), new Connection()];
  let isRevoked = false;
  const parts = partsWith(new WarmUp(), counted, async () => {
    isRevoked = true;
    return stream;
  });
  const admitted = { stillAdmitted: () => !isRevoked } as AdmittedRequest;
  const client = { stream: socket as unknown as HttpUpgrade['stream'] } as HttpUpgrade;
  await new WebSocketForwarder(parts).forward(admitted, client, () => assert.fail());
  assert.deepEqual([socket.destroyed, stream.destroyed, counted], [true, true, ['cut']]);
});
