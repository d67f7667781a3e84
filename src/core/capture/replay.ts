/** What is sent again of a captured request. What was hidden is left out, never sent as it is shown. */
import { fromBase64 } from '../../base/index.ts';
import type { CapturedBody, CapturedRequest } from './captured.ts';
import { HIDDEN } from './hide.ts';

/** A request as it is to be sent once more. */
export interface Replay {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  /** Flat. */
  readonly fields: readonly string[];
  readonly body: Uint8Array | undefined;
  /** What the captured request had and this one has not, since it was hidden: names of fields, `?name` of parameters. */
  readonly leftOut: readonly string[];
}

/** What is changed before it is sent; what is left out stays as it was. */
export interface ReplayEdit {
  readonly method?: string | undefined;
  readonly target?: string | undefined;
  /** Flat, in place of all that there were. */
  readonly fields?: readonly string[] | undefined;
  /** Null: none. */
  readonly body?: Uint8Array | null | undefined;
}

/** Why the body cannot be sent as it was: it is to be given anew. */
export type BodyFault = keyof typeof BODY_FAULTS;

/** In words. */
export const BODY_FAULTS = {
  'body-not-kept': 'its body was not kept',
  'body-cut': 'the end of its body was not kept',
  'body-hidden': 'a part of its body is hidden',
} as const;

/**
 * Not sent again: they are about one connection or one hop, or say who asks, which is somebody else now. Answers are
 * not to be compressed, so that they can be read, nor 304, so that there is one.
 */
const NOT_SENT =
  /^(?:host|content-length|transfer-encoding|connection|proxy-.*|keep-alive|te|trailer|upgrade|expect|http2-settings|forwarded|x-forwarded-.*|x-real-ip|via|x-manis-.*|remote-.*|traceparent|tracestate|accept-encoding|if-.*|sec-websocket-.*)$/i;

/** The request to send, or why its body is missing. */
export function replayOf(captured: CapturedRequest, edit: ReplayEdit = {}): Replay | BodyFault {
  const leftOut: string[] = [];
  const body = edit.body === undefined ? bodyOf(captured.body) : (edit.body ?? undefined);
  if (typeof body === 'string') return body;
  return {
    method: edit.method ?? captured.method,
    target: withoutHidden(edit.target ?? captured.target, leftOut),
    fields: sentFields(edit.fields ?? captured.fields, leftOut),
    body,
    leftOut,
  };
}

function bodyOf(body: CapturedBody | undefined): Uint8Array | undefined | BodyFault {
  if (!body || body.bytes === 0) return undefined;
  if (body.kept === undefined) return 'body-not-kept';
  if (body.isCut) return 'body-cut';
  return body.isHidden ? 'body-hidden' : (fromBase64(body.kept) ?? 'body-not-kept');
}

function sentFields(raw: readonly string[], leftOut: string[]): string[] {
  const fields: string[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const [name, value] = [raw[i] as string, raw[i + 1] as string];
    if (NOT_SENT.test(name)) continue;
    if (value.includes(HIDDEN)) leftOut.push(name.toLowerCase());
    else fields.push(name, value);
  }
  return fields;
}

/** Without parameters whose value was hidden. */
function withoutHidden(target: string, leftOut: string[]): string {
  const mark = target.indexOf('?');
  if (mark < 0) return target;
  const parts = target
    .slice(mark + 1)
    .split('&')
    .filter((part) => {
      if (!part.includes(HIDDEN)) return true;
      leftOut.push(`?${part.split('=', 1)[0]?.replace(HIDDEN, '') ?? ''}`);
      return false;
    });
  return parts.length > 0 ? `${target.slice(0, mark)}?${parts.join('&')}` : target.slice(0, mark);
}
