/**
 * capture: what is kept of requests to a resource that asks for it, without the secrets in them, and what is sent again
 * of one.
 *
 * Read first: `settings.ts` (what a resource asks for), `captured.ts` (what there is then); `hide.ts` and `secret-names.ts`
 * say what is a secret, `replay.ts` what a replay is. PoPs capture and hide (`src/pop/capture`), control keeps.
 */
export { type BodyDescription, capturedBody, omissionOf } from './body.ts';
export {
  BODY_OMISSIONS,
  type BodyOmission,
  type CapturedAnswer,
  type CapturedBody,
  type CapturedRequest,
} from './captured.ts';
export {
  CAPTURED_BODY_BYTES_MAX,
  HIDDEN_NAME_MAX_CHARS,
  HIDDEN_NAMES_MAX,
  KEPT_CAPTURE_BYTES_MAX,
  KEPT_CAPTURE_HOURS_MAX,
  KEPT_CAPTURES_MAX,
  REPLAYED_FIELDS_MAX,
  REPLAYED_TARGET_MAX_CHARS,
} from './constants.ts';
export { HIDDEN, hideFields, hideInTarget } from './hide.ts';
export { BODY_FAULTS, type BodyFault, type Replay, type ReplayEdit, replayOf } from './replay.ts';
export { type HiddenNames, isSecretName } from './secret-names.ts';
export { type CaptureSettings, DEFAULT_CAPTURE, isCapturing } from './settings.ts';
