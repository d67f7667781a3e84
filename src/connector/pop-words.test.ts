import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HeardPop } from '../core/link/index.ts';
import { PopWords } from './pop-words.ts';

const heard = (popId: string, change: Partial<HeardPop> = {}): HeardPop => ({
  popId,
  rttMs: 5,
  draining: false,
  utilisation: 0.5,
  tunnels: 0,
  ...change,
});

const whole = (...pops: HeardPop[]) => ({ whole: true, pops, gone: [] });

function wordsOf(...known: string[]): PopWords {
  const words = new PopWords();
  words.follow(new Set(known));
  return words;
}

test('a PoP that another hears is reached through it, and never through itself', () => {
  const words = wordsOf('a', 'b', 'c');
  words.take('a', whole(heard('a', { rttMs: 0 }), heard('c', { rttMs: 30 })));
  words.take('b', whole(heard('b', { rttMs: 0 }), heard('a'), heard('c', { rttMs: 10 })));
  assert.deepEqual(words.relaysTo('c'), [
    { id: 'b', rttMs: 10, draining: false },
    { id: 'a', rttMs: 30, draining: false },
  ]);
  assert.deepEqual(words.relaysTo('a'), [{ id: 'b', rttMs: 5, draining: false }]);
  words.takeChanged();
  words.take('b', whole(heard('b')));
  assert.deepEqual([...words.takeChanged()].sort(), ['a', 'c']);
  words.forget('a');
  assert.deepEqual(words.relaysTo('c'), []);
});

test('a PoP is believed about itself before others, and nobody says alone that another drains', () => {
  const words = wordsOf('a', 'b', 'c');
  words.take(
    'a',
    whole(heard('a', { draining: true }), heard('b', { draining: true }), heard('c', { draining: true })),
  );
  words.take('b', whole(heard('a'), heard('b', { utilisation: 0.1 }), heard('c')));
  const merged = new Map(words.merged().map((word) => [word.popId, word]));
  assert.deepEqual(merged.get('a')?.draining, true);
  assert.deepEqual([merged.get('b')?.draining, merged.get('b')?.utilisation], [false, 0.1]);
  assert.deepEqual(merged.get('c')?.draining, false);
});

test('a PoP that no other hears is lonely, however lively its own word is; one that speaks alone is not', () => {
  const words = wordsOf('a', 'b', 'c');
  words.take('a', whole(heard('a', { rttMs: 0 }), heard('b'), heard('c')));
  assert.deepEqual([...words.lonely()], [], 'nobody else says anything');
  words.take('b', whole(heard('b', { rttMs: 0 }), heard('c')));
  assert.deepEqual([...words.lonely()], ['a']);
  words.take('b', whole(heard('b', { rttMs: 0 }), heard('a')));
  assert.deepEqual([...words.lonely()], []);
  words.forget('b');
  assert.deepEqual([...words.lonely()], []);
});

test('a PoP that names thousands of PoPs that nobody granted is not listened to', () => {
  const words = wordsOf('a');
  const many = Array.from({ length: 5_000 }, (_, i) => heard(`nobody-${i}`));
  assert.equal(words.take('a', whole(heard('a'), ...many)), 'too-many-unknown');
  assert.deepEqual(words.merged(), []);
});

test('what a PoP says after its first word adds to it, and takes away', () => {
  const words = wordsOf('a', 'b', 'c');
  words.take('a', whole(heard('a', { rttMs: 0 }), heard('b'), heard('c')));
  words.take('a', { whole: false, pops: [heard('b', { draining: true })], gone: ['c'] });
  assert.deepEqual(
    words.merged().map(({ popId, draining }) => [popId, draining]),
    [
      ['a', false],
      ['b', true],
    ],
  );
  assert.deepEqual(words.relaysTo('c'), []);
});
