import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const ROOT = join(import.meta.dirname, '..');
const MODEL = readFileSync(join(ROOT, 'docs/threat-model.md'), 'utf8');

test('every test that the threat model names is there, and every threat has one', () => {
  const named = [...MODEL.matchAll(/`((?:src|test)\/[\w./-]+\.test\.ts) › ([^`]+)`/g)];
  assert.ok(named.length > 50);
  const gone = named.filter(([, file = '', name = '']) => !holds(file, name)).map(([text]) => text);
  assert.deepEqual(gone, []);
  const threats = MODEL.split('\n').filter((line) => line.startsWith('| ') && !/^\| (threat|asset|---)/.test(line));
  const [assets, held] = [
    threats.filter((line) => line.split(' | ').length === 3),
    threats.filter((line) => line.includes(' › ')),
  ];
  assert.equal(assets.length + held.length, threats.length, 'a threat without a test');
});

/** As a text of the file, or the beginning of one. */
function holds(file: string, name: string): boolean {
  let source: string;
  try {
    source = readFileSync(join(ROOT, file), 'utf8');
  } catch {
    return false;
  }
  return ["'", '"', '`'].some((quote) => source.includes(`${quote}${name}`));
}
