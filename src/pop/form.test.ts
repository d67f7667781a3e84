import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { test } from 'node:test';
import { MAXIMUM_FORM_BYTES } from './constants.ts';
import { readForm } from './form.ts';

type Read = Awaited<ReturnType<typeof readForm>>;

/** What is read of a form, the client sending all of `parts` and then as the test says. */
async function read(
  parts: readonly string[],
  options: { length?: number; type?: string; timeoutMs?: number; ends?: boolean } = {},
): Promise<{ read: Read; closed: Promise<unknown>; send: (text: string) => void; stop: () => void }> {
  const { length = parts.join('').length, type = 'application/x-www-form-urlencoded', timeoutMs } = options;
  const result = Promise.withResolvers<Read>();
  const server = createServer((request, response) => {
    readForm(request, timeoutMs).then((value) => {
      result.resolve(value);
      response.end();
    }, result.reject);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.on('error', () => undefined);
  const closed = once(client, 'close');
  client.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Type: ${type}\r\nContent-Length: ${length}\r\n\r\n`);
  for (const part of parts) client.write(part);
  const stop = (): void => {
    client.destroy();
    server.close();
  };
  client.resume();
  if (options.ends) client.end();
  try {
    return { read: await result.promise, closed, send: (text) => client.write(text), stop };
  } catch (error) {
    stop();
    throw error;
  }
}

test('a form is read, or is not one', async (t) => {
  const table: [string, readonly string[], Parameters<typeof read>[1], Read][] = [
    [
      'a form',
      ['a=1&b=%20', 'x'],
      {},
      new Map([
        ['a', '1'],
        ['b', ' x'],
      ]),
    ],
    ['an empty one', [], {}, new Map()],
    ['a field that comes twice', ['a=1&a=2'], {}, 'form-malformed'],
    ['something else', ['{}'], { type: 'application/json' }, 'form-malformed'],
    ['one that is too large', ['a='.padEnd(MAXIMUM_FORM_BYTES + 1, 'x')], {}, 'form-too-large'],
    ['one that breaks off', ['a=1'], { length: 100, ends: true }, 'form-malformed'],
  ];
  for (const [name, parts, options, expected] of table)
    await t.test(name, async () => {
      const outcome = await read(parts, options);
      outcome.stop();
      assert.deepEqual(outcome.read, expected);
    });
});

test('a client that dribbles is cut off', async () => {
  const outcome = await read(['a=1'], { length: 1000, timeoutMs: 30 });
  assert.equal(outcome.read, 'form-malformed');
  await outcome.closed;
  outcome.stop();
});
