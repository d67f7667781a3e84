import { type Clock, fromBase64Url } from '../base/index.ts';
import { type SnapshotState, TICKET_SPAN_MS, type TicketSecretRecord, ticketSpanAt } from '../core/link/index.ts';
import type { TicketSecret } from '../io/session-tickets.ts';

type State = Pick<SnapshotState, 'ofKind'>;

/**
 * The secret of this span of time, as the snapshot has it. Where control has been away for so long that there is none,
 * the last one goes on: with the number of the span it still makes other keys, at every PoP the same.
 */
export function ticketSecretSource(state: () => State | undefined, clock: Clock): () => TicketSecret | undefined {
  let known: { readonly state: State; readonly secret: TicketSecret | undefined; readonly span: number } | undefined;
  return () => {
    const current = state();
    if (!current) return undefined;
    const span = ticketSpanAt(clock.unixMs());
    if (known?.state !== current || known.span !== span)
      known = { state: current, span, secret: secretAt(current, span, known?.secret) };
    return known.secret;
  };
}

function secretAt(state: State, span: number, before: TicketSecret | undefined): TicketSecret | undefined {
  let best: TicketSecretRecord | undefined;
  for (const record of state.ofKind('ticketSecret'))
    if (Number(record.id) <= span && Number(record.id) >= Number(best?.id ?? 0)) best = record;
  const secret = best && fromBase64Url(best.secret);
  if (secret?.length !== 32) return undefined;
  // The same object while nothing differs, so that what was made with it is kept.
  const isSame = before?.span === span && Buffer.compare(before.secret, secret) === 0;
  return isSame ? before : { span, secret, lifetimeMs: TICKET_SPAN_MS };
}
