import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { readYaml } from './yaml-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'manis-yaml-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, 'config.yml');
const reading = (text: string): Promise<unknown> => {
  writeFileSync(file, text);
  return readYaml('file', file);
};

/** Each level is ten of the one before: a text of a few lines that is a billion. */
const laughs = Array.from({ length: 10 }, (_, i) => `l${i + 1}: &l${i + 1} [${Array(10).fill(`*l${i}`).join(', ')}]`);

describe('a file of another product', () => {
  const bombs: [what: string, text: string][] = [
    ['aliases of aliases', ['l0: &l0 laugh', ...laughs].join('\n')],
    ['an alias of what it is part of', 'a: &a [*a]'],
    ['brackets without end', '['.repeat(200_000)],
    ['brackets that nest', `${'['.repeat(5_000)}${']'.repeat(5_000)}`],
    ['a key that is there twice', 'ingress: []\ningress: []'],
    ['aliases without end', `a: &a x\nb: [${'*a,'.repeat(10_000)}]`],
    ['what is none', 'a: "b'],
  ];
  for (const [what, text] of bombs)
    test(`is refused for ${what}`, () => assert.rejects(reading(text), { code: 'setting-invalid' }));

  test('is read where it is long and harmless', async () => {
    const text = Array.from({ length: 20_000 }, (_, i) => `k${i}: ${i}`).join('\n');
    assert.equal(Object.keys((await reading(text)) as object).length, 20_000);
    assert.deepEqual(await reading('a: &a { b: 1 }\nc: { <<: *a, d: 2 }'), { a: { b: 1 }, c: { b: 1, d: 2 } });
  });
});
