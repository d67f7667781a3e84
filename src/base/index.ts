/**
 * base: the words everyone speaks. Bytes, addresses, prefixes, time and chance as ports, and the one Failure class.
 * Imports nothing; compiles without Node and without the DOM.
 */
export * from './address.ts';
export * from './assert-never.ts';
export * from './bytes.ts';
export * from './datagram-batch.ts';
export * from './deadline-heap.ts';
export * from './domain-names.ts';
export * from './escape-html.ts';
export * from './failure.ts';
export * from './in-parts.ts';
export * from './largest.ts';
export * from './plain-text.ts';
export * from './ports.ts';
export * from './prefix-trie.ts';
export * from './text.ts';
export * from './utc.ts';
