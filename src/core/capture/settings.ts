import { CAPTURED_BODY_BYTES, KEPT_CAPTURE_BYTES, KEPT_CAPTURE_HOURS, KEPT_CAPTURES } from './constants.ts';

/** What is captured of the requests to a resource, and how long it is kept. A resource that has none captures nothing. */
export interface CaptureSettings {
  /** Bodies of text are kept, too; else fields alone. */
  readonly bodies: boolean;
  /** Of each body: what is longer is cut. */
  readonly bodyBytes: number;
  readonly keptCaptures: number;
  readonly keptBytes: number;
  readonly keptHours: number;
  /** Names of further fields, parameters and members whose values are hidden, lower case. */
  readonly hiddenNames: readonly string[];
  /** Nothing is captured from then on. Null: until somebody turns it off. */
  readonly untilUnixMs: number | null;
}

export const DEFAULT_CAPTURE: CaptureSettings = {
  bodies: false,
  bodyBytes: CAPTURED_BODY_BYTES,
  keptCaptures: KEPT_CAPTURES,
  keptBytes: KEPT_CAPTURE_BYTES,
  keptHours: KEPT_CAPTURE_HOURS,
  hiddenNames: [],
  untilUnixMs: null,
};

/** Whether requests are captured at this time. */
export function isCapturing(settings: CaptureSettings | undefined, unixMs: number): settings is CaptureSettings {
  return settings !== undefined && (settings.untilUnixMs === null || unixMs < settings.untilUnixMs);
}
