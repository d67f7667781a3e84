import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NEWS_SPACING_MS } from './constants.ts';
import { newsSpacingMs } from './news-spacing.ts';

for (const [pops, messages] of [
  [99, 250],
  [500, 250],
  [20, 134],
] as const) {
  test(`a PoP among ${pops} others says ${messages} times a second what is attached, at most`, () => {
    assert.equal(Math.ceil((1_000 / newsSpacingMs(pops)) * pops), messages);
  });
}

test('with few others it is told as fast as ever', () => {
  assert.equal(newsSpacingMs(4), NEWS_SPACING_MS);
});
