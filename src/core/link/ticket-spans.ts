/** Spans of time for which session tickets have one key. */

/** A key lives for so long, and a ticket no longer than its key: who has one reads what was resumed with the other (RFC 8446 section 2.2). */
export const TICKET_SPAN_MS = 4 * 3_600_000;
/** Secrets that PoPs have in advance: control may be away for a day before theirs come from the last one. */
export const TICKET_SPANS_AHEAD = 6;

export function ticketSpanAt(unixMs: number): number {
  return Math.floor(unixMs / TICKET_SPAN_MS);
}
