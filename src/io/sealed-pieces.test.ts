import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fromUtf8, utf8 } from '../base/index.ts';
import { sealedPieces } from './sealed-pieces.ts';

const SECRET = new Uint8Array(32).fill(7);

async function* of(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield utf8(text);
}

describe('a sealed file in pieces', () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'manis-pieces-'));
  });
  after(() => rm(folder, { recursive: true }));
  const texts = async (path: string, secret = SECRET, purpose = 'test') =>
    (await sealedPieces(path, secret, purpose).read())?.map((piece) => fromUtf8(piece));

  test('gives back what was written, and replaces it whole', async () => {
    const path = join(folder, 'a');
    assert.equal(await texts(path), undefined);
    const file = sealedPieces(path, SECRET, 'test');
    for (const pieces of [['one', 'two', 'three'], ['', 'x'.repeat(100_000)], ['alone'], []]) {
      await file.write(of(...pieces));
      assert.deepEqual(await texts(path), pieces.length === 0 ? [''] : pieces);
    }
    await Promise.all([file.write(of('first')), file.write(of('second'))]);
    assert.deepEqual(await texts(path), ['second']);
    assert.equal((await stat(path)).mode & 0o777, 0o600);
  });

  test('a write that fails leaves what there was', async () => {
    const path = join(folder, 'b');
    const file = sealedPieces(path, SECRET, 'test');
    await file.write(of('kept'));
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield utf8('half');
      throw new Error('no more');
    }
    await assert.rejects(file.write(failing()), { code: 'sealed-file-unwritable' });
    assert.deepEqual(await texts(path), ['kept']);
  });

  test('opens only whole, unchanged, and for its owner and purpose', async () => {
    const path = join(folder, 'c');
    await sealedPieces(path, SECRET, 'test').write(of('one', 'two', 'three'));
    const bytes = await readFile(path);
    assert.ok(!bytes.includes('two'));
    const piece = 4 + 12 + 3 + 16;
    const [head, one, two] = [
      bytes.subarray(0, 24),
      bytes.subarray(24, 24 + piece),
      bytes.subarray(24 + piece, 24 + 2 * piece),
    ];
    const three = bytes.subarray(24 + 2 * piece);
    const damaged: [what: string, bytes: Buffer][] = [
      ['cut at a piece', Buffer.concat([head, one, two])],
      ['a piece left out', Buffer.concat([head, one, three])],
      ['pieces exchanged', Buffer.concat([head, two, one, three])],
      ['cut within a piece', bytes.subarray(0, -1)],
      ['nothing but a head', head],
      ['empty', Buffer.alloc(0)],
      ['a bit', Buffer.concat([bytes.subarray(0, -1), Buffer.from([(bytes.at(-1) ?? 0) ^ 1])])],
      ['something behind', Buffer.concat([bytes, Buffer.from([0])])],
    ];
    for (const [what, contents] of damaged) {
      await writeFile(path, contents);
      await assert.rejects(texts(path), { code: 'sealed-file-damaged' }, what);
    }
    await writeFile(path, bytes);
    await assert.rejects(texts(path, new Uint8Array(32).fill(8)), { code: 'sealed-file-damaged' });
    await assert.rejects(texts(path, SECRET, 'other'), { code: 'sealed-file-damaged' });
    assert.deepEqual(await texts(path), ['one', 'two', 'three']);
  });
});
