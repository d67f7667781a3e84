import { type Random, randomUint32 } from '../base/index.ts';

/**
 * Ids of requests: eleven random characters of this process and a counter. They need to be unique, not secret, and
 * they are made for every request, so they cost next to nothing.
 */
export function requestIds(random: Random): () => string {
  const start = `${digits(randomUint32(random), 7)}${digits(randomUint32(random) & 0xfffff, 4)}`;
  let count = 0;
  return () => `${start}-${(count++).toString(32).padStart(5, '0')}`;
}

function digits(value: number, length: number): string {
  return value.toString(32).padStart(length, '0');
}
