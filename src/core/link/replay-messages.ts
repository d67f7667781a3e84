/** A captured request that somebody wants sent once more: control asks a PoP, which says what came of it. */
import { MAX_CAPTURED_FIELDS_CHARS, MAX_REPLAYED_BODY_CHARS, MAX_REPLAYED_FIELDS } from './constants.ts';
import { type Check, id, integer, line, list, nullOr, object, optional, string } from './shape.ts';

export interface ReplayMessage {
  readonly type: 'replay';
  /** Of this try alone. */
  readonly id: string;
  /** The captured request, by its id in the log. */
  readonly replayOf: string;
  readonly resourceId: string;
  readonly host: string;
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  /** Flat. */
  readonly fields: readonly string[];
  /** Base64. Left out: none. */
  readonly body?: string;
  /** Where whoever asks for it is. */
  readonly address: string;
  /** A portal session of theirs, signed by control and good for a moment. Left out: nobody in particular. */
  readonly session?: string;
}

export interface ReplayedMessage {
  readonly type: 'replayed';
  readonly id: string;
  /** As it is in the log; null: there was none. */
  readonly requestId: string | null;
  /** 0: there was no answer. */
  readonly status: number;
  /** Why there was no request. Left out: there was. */
  readonly refused?: string;
}

export const replayShape: Check = object({
  id,
  replayOf: id,
  resourceId: id,
  host: line(),
  method: line(64),
  target: string(MAX_CAPTURED_FIELDS_CHARS),
  fields: list(string(MAX_CAPTURED_FIELDS_CHARS), 2 * MAX_REPLAYED_FIELDS),
  body: optional(string(MAX_REPLAYED_BODY_CHARS)),
  address: line(64),
  session: optional(string(8192)),
});

export const replayedShape: Check = object({
  id,
  requestId: nullOr(id),
  status: integer(0, 999),
  refused: optional(line(64)),
});
