import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RIVAL_REPLACEMENTS, RIVAL_WINDOW_MS } from './constants.ts';
import { RivalLinks } from './rival-links.ts';

test('a connector that restarts now and then is no rival of itself', () => {
  const links = new RivalLinks();
  for (let i = 0; i < 50; i++) assert.equal(links.replaced('c1', i * RIVAL_WINDOW_MS), false);
});

test('two that take the link from one another are told of, once in a window and each by its name', () => {
  const links = new RivalLinks();
  const told = Array.from({ length: 10 }, (_, i) => links.replaced('c1', i * 100));
  assert.deepEqual(told.indexOf(true), RIVAL_REPLACEMENTS - 1);
  assert.equal(told.filter(Boolean).length, 1);
  assert.equal(links.replaced('c2', 1_000), false);
  const again = Array.from({ length: 3 }, (_, i) => links.replaced('c1', RIVAL_WINDOW_MS + i));
  assert.deepEqual(again, [false, false, true]);
});
