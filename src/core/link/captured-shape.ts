import { MAX_CAPTURED_BODY_CHARS, MAX_CAPTURED_FIELDS_CHARS, MAX_CAPTURES_IN_MESSAGE } from './constants.ts';
import { boolean, type Check, id, integer, line, list, object, oneOf, optional, string } from './shape.ts';

const fields = list(string(MAX_CAPTURED_FIELDS_CHARS), 1000);

const body: Check = object({
  bytes: integer(),
  kept: optional(string(MAX_CAPTURED_BODY_CHARS)),
  omitted: optional(oneOf('off', 'type', 'encoded', 'room')),
  isCut: optional(boolean),
  isHidden: optional(boolean),
});

const captured: Check = object({
  id,
  unixMs: integer(),
  resourceId: id,
  method: line(64),
  host: line(),
  target: string(MAX_CAPTURED_FIELDS_CHARS),
  fields,
  body: optional(body),
  answer: optional(object({ status: integer(0, 999), fields, body: optional(body) })),
});

export const capturesShape: Check = object({ records: list(captured, MAX_CAPTURES_IN_MESSAGE) });

/** What a resource asks for. A newer control may send more; what is there has to be of its kind. */
export const captureSettings: Check = object({
  bodies: boolean,
  bodyBytes: integer(),
  hiddenNames: list(line(), 1000),
  untilUnixMs: (value, path) => (value === null ? undefined : integer()(value, path)),
});
