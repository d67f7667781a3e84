/** Why there is a body of which nothing was kept. */
export const BODY_OMISSIONS = ['off', 'type', 'encoded', 'room'] as const;
/**
 * `off`: the resource keeps none. `type`: it is no text. `encoded`: it is compressed. `room`: there was none for it.
 */
export type BodyOmission = (typeof BODY_OMISSIONS)[number];

/** A body, as far as it was kept. */
export interface CapturedBody {
  /** How long it was, kept or not. */
  readonly bytes: number;
  /** What was kept, base64. Left out: nothing. */
  readonly kept?: string;
  readonly omitted?: BodyOmission;
  /** Its end is missing. Left out: no. */
  readonly isCut?: true;
  /** A value in it is hidden. Left out: no. */
  readonly isHidden?: true;
}

/** One request that went to a target, with its answer: nothing in it that must not be read. */
export interface CapturedRequest {
  /** As people see it, and as the request log has it. */
  readonly id: string;
  readonly unixMs: number;
  readonly resourceId: string;
  readonly method: string;
  readonly host: string;
  /** Path and query as they came, secrets hidden. */
  readonly target: string;
  /** Flat: name, value. Secrets are hidden. */
  readonly fields: readonly string[];
  /** Left out: it had none. */
  readonly body?: CapturedBody;
  /** Left out: no target answered. */
  readonly answer?: CapturedAnswer;
}

/** As the target gave it. */
export interface CapturedAnswer {
  readonly status: number;
  readonly fields: readonly string[];
  readonly body?: CapturedBody;
}
