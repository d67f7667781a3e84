import { z } from 'zod';
import { fromBase64 } from '../../base/index.ts';
import {
  BODY_FAULTS,
  BODY_OMISSIONS,
  type BodyFault,
  CAPTURED_BODY_BYTES_MAX,
  type CapturedBody,
  type CapturedRequest,
  type CaptureSettings,
  DEFAULT_CAPTURE,
  HIDDEN,
  HIDDEN_NAME_MAX_CHARS,
  HIDDEN_NAMES_MAX,
  KEPT_CAPTURE_BYTES_MAX,
  KEPT_CAPTURE_HOURS_MAX,
  KEPT_CAPTURES_MAX,
  REPLAYED_FIELDS_MAX,
  REPLAYED_TARGET_MAX_CHARS,
  replayOf,
} from '../../core/capture/index.ts';
import { REPLAY_BODY_CHARS } from '../captures/constants.ts';
import { id, unixMs } from './schemas.ts';

const whole = (most: number) => z.number().int().min(1).max(most);
const hiddenName = z
  .string()
  .min(1)
  .max(HIDDEN_NAME_MAX_CHARS)
  .regex(/^[!-~]+$/, 'a name without spaces')
  .toLowerCase();

const captureFields = {
  bodies: z.boolean().default(DEFAULT_CAPTURE.bodies).describe('keep bodies of text too; else fields alone'),
  bodyBytes: whole(CAPTURED_BODY_BYTES_MAX)
    .default(DEFAULT_CAPTURE.bodyBytes)
    .describe('of each body; what is longer is cut'),
  keptCaptures: whole(KEPT_CAPTURES_MAX).default(DEFAULT_CAPTURE.keptCaptures).describe('the newest so many are kept'),
  keptBytes: whole(KEPT_CAPTURE_BYTES_MAX).default(DEFAULT_CAPTURE.keptBytes).describe('of all of them together'),
  keptHours: whole(KEPT_CAPTURE_HOURS_MAX).default(DEFAULT_CAPTURE.keptHours),
  hiddenNames: z
    .array(hiddenName)
    .max(HIDDEN_NAMES_MAX)
    .default([])
    .describe('header fields, parameters and members of JSON whose values are hidden, besides those that always are'),
  untilUnixMs: unixMs
    .min(0)
    .nullable()
    .default(null)
    .describe('nothing is captured from then on; null: until it is turned off'),
};

/** What a resource asks for; null: nothing. */
export const captureSettings = z.strictObject(captureFields).nullable();

export const captureState = z.object({
  // A newer node may have stored more.
  capture: z.object(captureFields).nullable().describe('null: nothing is captured'),
  kept: z
    .object({ entries: z.number().int(), bytes: z.number().int() })
    .describe('captured requests that are kept now'),
  lost: z
    .object({ captures: z.number().int(), unixMs })
    .optional()
    .describe('that found no room at the control node that answers, since it started; and when the last one was'),
});

export function readCapture(text: string | null | undefined): CaptureSettings | null {
  return text ? (JSON.parse(text) as CaptureSettings) : null;
}

const shownFields = z.array(z.object({ name: z.string(), value: z.string(), isHidden: z.boolean() }));
const shownBody = z
  .object({
    bytes: z.number().int().describe('as long as it was'),
    text: z.string().nullable().describe('what was kept'),
    omitted: z
      .enum(BODY_OMISSIONS)
      .nullable()
      .describe('why nothing was kept: bodies are off, it is no text, it is compressed, there was no room'),
    isCut: z.boolean(),
    isHidden: z.boolean().describe('values in it are hidden'),
  })
  .nullable()
  .describe('null: there was none');

export const capturedRequest = z.object({
  id,
  requestId: z.string(),
  unixMs,
  expiresUnixMs: unixMs,
  resourceId: id,
  method: z.string(),
  host: z.string(),
  target: z.string().describe('path and query'),
  fields: shownFields,
  body: shownBody,
  answer: z
    .object({ status: z.number().int(), fields: shownFields, body: shownBody })
    .nullable()
    .describe('of the target; null: none came'),
  replay: z.object({
    leftOut: z
      .array(z.string())
      .describe('what a replay does not send, since it is hidden: names of fields, ?name of parameters'),
    missing: z
      .enum(Object.keys(BODY_FAULTS) as BodyFault[])
      .nullable()
      .describe('why the body has to be given anew; null: it can be sent as it was'),
  }),
});

export function capturedItem(
  captured: CapturedRequest,
  row: { readonly id: string; readonly expires_unix_ms: number },
) {
  const { answer } = captured;
  const made = replayOf(captured);
  const bare = typeof made === 'string' ? replayOf(captured, { body: null }) : made;
  return {
    ...{ id: row.id, requestId: captured.id, unixMs: captured.unixMs, expiresUnixMs: Number(row.expires_unix_ms) },
    ...{ resourceId: captured.resourceId, method: captured.method, host: captured.host, target: captured.target },
    fields: fieldItems(captured.fields),
    body: bodyItem(captured.body),
    answer: answer ? { status: answer.status, fields: fieldItems(answer.fields), body: bodyItem(answer.body) } : null,
    replay: {
      leftOut: typeof bare === 'string' ? [] : [...bare.leftOut],
      missing: typeof made === 'string' ? made : null,
    },
  };
}

function fieldItems(flat: readonly string[]): z.output<typeof shownFields> {
  const items: z.output<typeof shownFields> = [];
  for (let i = 0; i + 1 < flat.length; i += 2) {
    const [name, value] = [flat[i] as string, flat[i + 1] as string];
    items.push({ name, value, isHidden: value.includes(HIDDEN) });
  }
  return items;
}

function bodyItem(body: CapturedBody | undefined): z.output<typeof shownBody> {
  if (!body) return null;
  const kept = body.kept === undefined ? undefined : fromBase64(body.kept);
  return {
    ...{ bytes: body.bytes, text: kept ? new TextDecoder().decode(kept) : null, omitted: body.omitted ?? null },
    ...{ isCut: body.isCut ?? false, isHidden: body.isHidden ?? false },
  };
}

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** What is changed before it is sent. */
export const replayEdit = z.strictObject({
  method: z
    .string()
    .max(32)
    .regex(token, 'a method')
    .refine((method) => !/^(?:CONNECT|TRACE|TRACK)$/i.test(method), 'a method that passes')
    .optional(),
  target: z
    .string()
    .max(REPLAYED_TARGET_MAX_CHARS)
    .regex(/^\/[!-~…]*$/, 'path and query, from / on, encoded')
    .optional()
    .describe('path and query'),
  fields: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(256).regex(token, 'the name of a header field'),
        value: z
          .string()
          .max(8 * 1024)
          .regex(/^[\t\x20-\x7e\x80-\xff…]*$/, 'one line that a header field can say'),
      }),
    )
    .max(REPLAYED_FIELDS_MAX)
    .optional()
    .describe('in place of all header fields; what is hidden is left out'),
  body: z.string().max(REPLAY_BODY_CHARS).nullable().optional().describe('in place of the body; null: none'),
});

export const replayed = z.object({
  requestId: z.string().describe('in the log, as soon as the log has it'),
  status: z.number().int().describe('of the answer; 0: there was none in time'),
  popId: id,
  leftOut: z.array(z.string()).describe('as of the captured request'),
});
