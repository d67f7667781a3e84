/**
 * Local time in a zone of the IANA database, cheap to ask for again and again: how far the zone is from UTC is looked up
 * once per stretch between two changes of its clocks.
 */
export class ZoneClock {
  readonly zone: string;
  #fromMs = 0;
  #untilMs = 0;
  #offsetMs = 0;

  /** Throws RangeError for a zone that there is none of. */
  constructor(zone: string) {
    this.zone = zone;
    this.#look(0);
  }

  /** Milliseconds since 1970 as a clock on a wall of the zone counts them. */
  localMs(unixMs: number): number {
    if (unixMs < this.#fromMs || unixMs >= this.#untilMs) this.#look(unixMs);
    return unixMs + this.#offsetMs;
  }

  /** The instant of a local time, such as `2026-03-29T02:30`. In a gap of the clocks: after it; twice there: the first. */
  instantOf(local: string): number {
    return Temporal.PlainDateTime.from(local).toZonedDateTime(this.zone).epochMilliseconds;
  }

  #look(unixMs: number): void {
    // Whole milliseconds: what is before a change of the clocks must not be rounded past it.
    const there = Temporal.Instant.fromEpochMilliseconds(Math.floor(unixMs)).toZonedDateTimeISO(this.zone);
    this.#offsetMs = there.offsetNanoseconds / 1e6;
    const next = there.getTimeZoneTransition('next');
    const previous = there.add({ nanoseconds: 1 }).getTimeZoneTransition('previous');
    this.#untilMs = next?.epochMilliseconds ?? Number.POSITIVE_INFINITY;
    this.#fromMs = previous?.epochMilliseconds ?? Number.NEGATIVE_INFINITY;
  }
}

export function faultInZone(zone: string): string | undefined {
  try {
    new ZoneClock(zone);
    return /^[+-]/.test(zone) ? 'a time zone by name, such as Europe/Berlin' : undefined;
  } catch {
    return 'a time zone of the IANA database, such as Europe/Berlin or UTC';
  }
}
