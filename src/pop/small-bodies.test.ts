import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { MAXIMUM_REPLAY_BODY_BYTES, MAXIMUM_REPLAY_BYTES } from './constants.ts';
import { SmallBodies } from './small-bodies.ts';

/** A request with a body, as far as reading it needs one. */
function request(length?: number | string): PassThrough & IncomingMessage {
  const headers = length === undefined ? {} : { 'content-length': String(length) };
  return Object.assign(new PassThrough(), { headers }) as unknown as PassThrough & IncomingMessage;
}

test('bodies that are small and say so are read first, others are streamed', () => {
  const table: [length: number | undefined, read: number | undefined][] = [
    [1, 1],
    [MAXIMUM_REPLAY_BODY_BYTES, MAXIMUM_REPLAY_BODY_BYTES],
    [MAXIMUM_REPLAY_BODY_BYTES + 1, undefined],
    [undefined, undefined],
  ];
  for (const [length, read] of table) assert.equal(new SmallBodies().lengthOf(request(length)), read, `${length}`);
});

test('a body is whole, whatever pieces it comes in', async () => {
  const bodies = new SmallBodies();
  for (const pieces of [['abc'], ['a', 'bc'], ['', 'abc']]) {
    const from = request(3);
    const whole = new Promise<Buffer>((resolve, reject) => bodies.read(from, 3, resolve, reject));
    for (const piece of pieces) from.write(piece);
    from.end();
    assert.equal(String(await whole), 'abc');
  }
});

test('a client that goes away within its body breaks it, once, and later errors are not fatal', async () => {
  const from = request(3);
  let broken = 0;
  await new Promise<void>((resolve) => {
    new SmallBodies().read(
      from,
      3,
      () => assert.fail('it is not whole'),
      () => {
        broken++;
        resolve();
      },
    );
    from.write('a');
    from.destroy(new Error('aborted'));
  });
  from.emit('error', new Error('once more'));
  assert.equal(broken, 1);
});

test('all bodies together have a bound; what is released makes room', () => {
  const bodies = new SmallBodies();
  const most = MAXIMUM_REPLAY_BYTES / MAXIMUM_REPLAY_BODY_BYTES;
  const nothing = (): void => undefined;
  for (let i = 0; i < most; i++) bodies.read(request(), MAXIMUM_REPLAY_BODY_BYTES, nothing, nothing);
  assert.equal(bodies.heldBytes, MAXIMUM_REPLAY_BYTES);
  assert.equal(bodies.lengthOf(request(1)), undefined);
  bodies.release(MAXIMUM_REPLAY_BODY_BYTES);
  assert.equal(bodies.lengthOf(request(1)), 1);
});
