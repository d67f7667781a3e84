import assert from 'node:assert/strict';
import { duplexPair } from 'node:stream';
import { test } from 'node:test';
import { LineChannel } from './line-channel.ts';

const LONGEST = 8;

/** What a channel makes of the chunks that the other end writes. */
async function received(chunks: readonly string[]): Promise<{ lines: string[]; error: string | undefined }> {
  const [near, far] = duplexPair();
  const lines: string[] = [];
  let error: string | undefined;
  new LineChannel(near, LONGEST, (line) => lines.push(line));
  near.on('error', (broken) => {
    error = broken.message;
  });
  near.on('end', () => near.end());
  const closed = new Promise((resolve) => near.once('close', resolve));
  far.on('error', () => undefined);
  far.resume();
  for (const chunk of chunks) far.write(chunk);
  far.end();
  await closed;
  return { lines, error };
}

const tooLong = 'a line is too long';
const unfinished = 'the stream ended within a line';
const cases: { what: string; chunks: string[]; lines: string[]; error?: string }[] = [
  { what: 'one line in one chunk', chunks: ['one\n'], lines: ['one'] },
  { what: 'lines that are cut anywhere', chunks: ['o', 'n', 'e\ntw', 'o\n'], lines: ['one', 'two'] },
  { what: 'several lines in one chunk', chunks: ['one\ntwo\n\nthree\n'], lines: ['one', 'two', '', 'three'] },
  { what: 'characters of several bytes', chunks: ['žluť\n'], lines: ['žluť'] },
  { what: 'a line of just the length allowed', chunks: ['12345678\n'], lines: ['12345678'] },
  { what: 'a longer line in one chunk', chunks: ['ok\n123456789\nok\n'], lines: ['ok'], error: tooLong },
  { what: 'a longer line in many chunks', chunks: ['1234', '5678', '9'], lines: [], error: tooLong },
  { what: 'an end within a line', chunks: ['one\ntw'], lines: ['one'], error: unfinished },
  { what: 'nothing at all', chunks: [], lines: [] },
];
for (const { what, chunks, lines, error } of cases) {
  test(`${what}: ${error ?? lines.join(', ')}`, async () => {
    assert.deepEqual(await received(chunks), { lines, error });
  });
}

test('no line is given out after the stream was destroyed for one', () => {
  const [near, far] = duplexPair();
  const lines: string[] = [];
  new LineChannel(near, LONGEST, (line) => {
    lines.push(line);
    near.destroy();
  });
  far.write('one\ntwo\n');
  return new Promise<void>((resolve) => {
    near.once('close', () => {
      assert.deepEqual(lines, ['one']);
      resolve();
    });
  });
});

test('a channel says when the other end does not keep up', () => {
  const [near] = duplexPair({ highWaterMark: 16 });
  const channel = new LineChannel(near, LONGEST, () => undefined);
  assert.equal(channel.send('short'), true);
  assert.equal(channel.send('x'.repeat(64)), false);
});
