/** How traces write down segments, and how what was expected is compared with what was seen. */

export interface SegmentOptions {
  readonly mss?: number;
  readonly windowShift?: number;
  readonly sackPermitted?: boolean;
  /** TSval, TSecr. `expect` compares those that are given. */
  readonly timestamps?: readonly [number | undefined, number | undefined];
  readonly sack?: readonly (readonly [number, number])[];
}

export interface TraceSegment {
  /** Letters of F S R P A; 'A' when absent. PSH is not compared unless it is given. */
  readonly flags?: string;
  readonly seq?: number;
  readonly ack?: number;
  readonly window?: number;
  /** Payload bytes. */
  readonly length?: number;
  readonly options?: SegmentOptions;
}

/** A packet of the stack, taken apart. */
export interface SeenSegment {
  readonly flags: string;
  readonly seq: number;
  readonly ack: number;
  readonly window: number;
  readonly length: number;
  readonly options: {
    mss?: number;
    windowShift?: number;
    sackPermitted?: boolean;
    timestamps?: [number, number];
    sack: [number, number][];
  };
  readonly optionBytes: Uint8Array;
}

/** Adds the options that `wanted` names to both sides of a comparison. */
export function compareOptions(
  wanted: SegmentOptions | undefined,
  seen: SeenSegment,
  actual: Record<string, unknown>,
  compared: Record<string, unknown>,
): void {
  for (const name of ['mss', 'windowShift', 'sackPermitted', 'sack'] as const) {
    if (wanted?.[name] === undefined) continue;
    actual[name] = seen.options[name];
    compared[name] = wanted[name];
  }
  wanted?.timestamps?.forEach((value, i) => {
    if (value === undefined) return;
    actual[`timestamp ${i}`] = seen.options.timestamps?.[i];
    compared[`timestamp ${i}`] = value | 0;
  });
}

/** The bytes of a 32-bit number in network order. */
export function word(value: number): number[] {
  return [(value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
}
