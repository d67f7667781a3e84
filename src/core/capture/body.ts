/** What is kept of a body. */
import { toBase64 } from '../../base/index.ts';
import type { BodyOmission, CapturedBody } from './captured.ts';
import { hideMembers, hideParameters } from './hide.ts';
import type { HiddenNames } from './secret-names.ts';

const TEXT =
  /^(?:text\/|[^/]+\/(?:[^;]*\+)?(?:json|xml|yaml|x-yaml|x-ndjson|javascript|x-www-form-urlencoded|graphql|csv)\s*(?:;|$))/i;
const FORM = /^application\/x-www-form-urlencoded\b/i;
const JSON_LIKE = /json\s*(?:;|$)/i;

/** What the fields of a message say of its body. */
export interface BodyDescription {
  readonly type: string | undefined;
  readonly encoding: string | undefined;
}

/** Why nothing of a body is kept; undefined where it is. */
export function omissionOf({ type, encoding }: BodyDescription): BodyOmission | undefined {
  if (type === undefined || !TEXT.test(type.trim())) return 'type';
  return encoding === undefined || encoding.trim().toLowerCase() === 'identity' ? undefined : 'encoded';
}

/** A body as it is kept: `start` is all of it, or as much as there was room for. */
export function capturedBody(
  { type = '' }: BodyDescription,
  start: Uint8Array,
  bytes: number,
  more: HiddenNames,
): CapturedBody {
  const isCut = start.length < bytes && { isCut: true as const };
  const hidden = hideInBody(type, start, more);
  const kept = toBase64(hidden ?? start);
  return { bytes, kept, ...isCut, ...(hidden && { isHidden: true as const }) };
}

/** Undefined: there is nothing to hide in it. */
function hideInBody(type: string, bytes: Uint8Array, more: HiddenNames): Uint8Array | undefined {
  const hide = FORM.test(type) ? hideParameters : JSON_LIKE.test(type) ? hideMembers : undefined;
  if (!hide) return undefined;
  const { text, isHidden } = hide(new TextDecoder().decode(bytes), more);
  return isHidden ? new TextEncoder().encode(text) : undefined;
}
