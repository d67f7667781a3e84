/** Makes inputs of other inputs, in the ways that break parsers: bits, lengths, words of the grammar, halves of two. */
import type { SeededRandom } from '../../src/testing/seeded-random.ts';
import { joined } from './target.ts';

const MOST_BYTES = 70_000;
const MOST_CHANGES = 6;
const ODD_BYTES = [0, 1, 9, 10, 13, 32, 0x22, 0x25, 0x2f, 0x5c, 0x7f, 0x80, 0xc0, 0xfe, 0xff];
const ODD_LENGTHS = [0, 1, 2, 255, 256, 16_384, 16_385, 65_535];

type Change = (
  bytes: Uint8Array,
  random: SeededRandom,
  others: readonly Uint8Array[],
  words: readonly Uint8Array[],
) => Uint8Array;

const CHANGES: readonly Change[] = [
  (bytes, random) => set(bytes, random, (before) => before ^ (1 << random.integer(0, 7))),
  (bytes, random) => set(bytes, random, () => random.pick(ODD_BYTES)),
  (bytes, random) => set(bytes, random, () => random.integer(0, 255)),
  (bytes, random) => set(bytes, random, (before) => before + random.pick([-1, 1, 2, -2])),
  (bytes, random) => length(bytes, random),
  (bytes, random) => bytes.slice(0, random.integer(0, bytes.length)),
  (bytes, random) => cut(bytes, random),
  (bytes, random) => insert(bytes, random, piece(bytes, random)),
  (bytes, random) => insert(bytes, random, repeated(piece(bytes, random), random)),
  (bytes, random, _others, words) => (words.length === 0 ? bytes : insert(bytes, random, random.pick(words))),
  (bytes, random, others) => splice(bytes, random.pick(others), random),
];

export function mutate(
  input: Uint8Array,
  random: SeededRandom,
  others: readonly Uint8Array[],
  words: readonly Uint8Array[],
): Uint8Array {
  let bytes = input;
  for (let left = random.integer(1, MOST_CHANGES); left > 0; left--)
    bytes = random.pick(CHANGES)(bytes, random, others, words).subarray(0, MOST_BYTES);
  return bytes;
}

function set(bytes: Uint8Array, random: SeededRandom, change: (before: number) => number): Uint8Array {
  if (bytes.length === 0) return random.bytes(1);
  const changed = bytes.slice();
  const at = random.integer(0, changed.length - 1);
  changed[at] = change(changed[at] as number);
  return changed;
}

/** Two bytes as a number, most significant first, as every protocol here writes lengths. */
function length(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  if (bytes.length < 2) return bytes;
  const changed = bytes.slice();
  const value = random.chance(0.5) ? random.pick(ODD_LENGTHS) : changed.length + random.integer(-4, 4);
  const at = random.integer(0, changed.length - 2);
  changed[at] = value >> 8;
  changed[at + 1] = value;
  return changed;
}

function range(bytes: Uint8Array, random: SeededRandom): [number, number] {
  const from = random.integer(0, bytes.length);
  return [from, Math.min(bytes.length, from + random.integer(0, random.chance(0.8) ? 16 : bytes.length))];
}

function piece(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  const [from, to] = range(bytes, random);
  return bytes.subarray(from, to);
}

function cut(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  const [from, to] = range(bytes, random);
  return joined(bytes.subarray(0, from), bytes.subarray(to));
}

function insert(bytes: Uint8Array, random: SeededRandom, what: Uint8Array): Uint8Array {
  const at = random.integer(0, bytes.length);
  return joined(bytes.subarray(0, at), what, bytes.subarray(at));
}

function repeated(what: Uint8Array, random: SeededRandom): Uint8Array {
  const times = random.chance(0.9) ? random.integer(1, 8) : random.integer(8, 400);
  return joined(...Array.from({ length: times }, () => what));
}

function splice(a: Uint8Array, b: Uint8Array, random: SeededRandom): Uint8Array {
  return joined(a.subarray(0, random.integer(0, a.length)), b.subarray(random.integer(0, b.length)));
}
