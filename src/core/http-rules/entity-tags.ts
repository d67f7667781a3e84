/** Entity tags as RFC 9110 section 8.8.3 writes them, and the lists of them that conditions are made of (section 13.1). */

const TAG = /(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"/;
const WHOLE = new RegExp(`^${TAG.source}$`);
const EACH = new RegExp(TAG.source, 'g');

/** `strong` for what may be changed by it (`If-Match`), `weak` for what may be spared (`If-None-Match`). */
export type TagComparison = 'strong' | 'weak';

export function isEntityTag(text: string): boolean {
  return WHOLE.test(text);
}

/** Whether a list of tags, or `*`, has this one. Strong: a weak tag is like none, not even itself (section 8.8.3.2). */
export function isAmong(tag: string, list: string, comparison: TagComparison): boolean {
  if (list.trim() === '*') return true;
  return (list.match(EACH) ?? []).some((one) => areAlike(one, tag, comparison));
}

export function areAlike(one: string, other: string, comparison: TagComparison): boolean {
  return comparison === 'weak' ? opaque(one) === opaque(other) : one === other && !one.startsWith('W/');
}

function opaque(tag: string): string {
  return tag.replace(/^W\//, '');
}
