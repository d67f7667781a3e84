import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { tokenOfWord } from './enrolment.ts';

const folder = mkdtempSync(join(tmpdir(), 'manis-token-'));
after(() => rmSync(folder, { recursive: true, force: true }));

test('a node joins with a token, or with the path of a file that has it', async () => {
  const file = join(folder, 'token');
  writeFileSync(file, 'mnc_secret\n');
  assert.equal(await tokenOfWord('mnc_secret'), 'mnc_secret');
  assert.equal(await tokenOfWord(file), 'mnc_secret');
  await assert.rejects(tokenOfWord(join(folder, 'none')), { code: 'setting-invalid' });
});
