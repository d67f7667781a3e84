/** Values of others in the console: React writes them as text, and nothing here goes around that. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const sources = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.tsx?$/.test(name) && !/\.test\.tsx?$/.test(name))
  .map((name) => [name, readFileSync(join(import.meta.dirname, name), 'utf8')] as const);

test('no page writes markup, runs text, or listens to other windows', () => {
  const around =
    /dangerouslySetInnerHTML|\b(?:inner|outer)HTML\b|insertAdjacentHTML|document\.write|\beval\(|new Function\(|addEventListener\('message'|window\.open\(/;
  assert.deepEqual(
    sources.filter(([, text]) => around.test(text)).map(([name]) => name),
    [],
  );
});

test('a page that somebody wrote is shown in a frame that may do nothing', () => {
  for (const [name, text] of sources)
    for (const [frame] of text.matchAll(/<iframe\b[^>]*>/g)) assert.match(frame, /\ssandbox=""/, name);
});

test('links lead to pages of ours, or to hosts of applications over https', () => {
  const known = /^(?:href|test\.data\.tryUrl|originOf\(.*\)|`\/[a-z-]+(?:\/[a-z-]+)*\$\{[A-Z]+\}`)$/;
  for (const [name, text] of sources)
    for (const [, value = ''] of text.matchAll(/\bhref=\{(`[^`]*`|[^}]*)\}/g)) assert.match(value, known, name);
});
