import type { Duplex } from 'node:stream';
import type { HttpUpgrade } from '../io/http/message.ts';
import { HELD_REQUEST_BYTES } from './constants.ts';
import type { ForwarderParts } from './forward.ts';
import type { AdmittedRequest, FailureAnswer } from './serving.ts';
import type { Candidate } from './target-choice.ts';
import { dialFailed, Tries } from './tries.ts';
import type { Upstreams } from './upstreams.ts';

/** A connection to a target, for somebody who still waits for it and is still admitted. */
export interface OpenWay<Opened> {
  readonly tries: Tries;
  readonly candidate: Candidate;
  readonly opened: Opened;
}

/** Opens a connection to one candidate, and gives up one that nobody wants any more. */
export interface Opener<Opened> {
  open(candidate: Candidate, timeoutMs: number): Promise<Opened>;
  giveUp(opened: Opened): void;
}

/** Opens a connection of its own for bytes, or for HTTP/1.1. */
export function streamOpener(upstreams: Upstreams): Opener<Duplex> {
  return {
    open: ({ target, connector }, timeoutMs) => upstreams.open(target, connector, timeoutMs),
    giveUp: (stream) => void stream.destroy(),
  };
}

/**
 * Opens a connection to the first candidate that takes it; undefined where there is none, which the client was told, or
 * nobody waits any more. Another is tried only as long as nothing was sent.
 */
export async function openWay<Opened>(
  parts: ForwarderParts,
  opener: Opener<Opened>,
  admitted: AdmittedRequest,
  client: HttpUpgrade,
  fail: FailureAnswer,
): Promise<OpenWay<Opened> | undefined> {
  const isThere = () => !client.stream.destroyed;
  const tries = new Tries(parts, admitted);
  let step = tries.first();
  while (step.kind === 'try' || step.kind === 'hold') {
    if (step.kind === 'hold') {
      const isHeld = await held(parts, step.untilMs, admitted, client.stream);
      cutRevoked(parts, admitted, client.stream);
      step = isHeld ? tries.afterHold(isThere()) : { kind: 'fail', problem: step.problem };
      continue;
    }
    const { candidate } = step;
    try {
      const opened = await opener.open(candidate, tries.connectTimeoutMs);
      cutRevoked(parts, admitted, client.stream);
      // Its close came while nobody listened and will not come again.
      if (isThere()) return { tries, candidate, opened };
      opener.giveUp(opened);
      tries.ended('abandoned');
      return undefined;
    } catch (cause) {
      step = tries.afterFailure(dialFailed(cause), isThere());
    }
  }
  if (step.kind === 'fail' && isThere()) fail(client.refuse(), step.problem, tries.reason ?? step.problem);
  return undefined;
}

/** Waits until there is a way, it is late or nobody waits; false where there is no room to. */
async function held(
  { held: waiting, choice, counters }: ForwarderParts,
  untilMs: number,
  admitted: AdmittedRequest,
  socket: Duplex,
): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const isHeld = waiting.hold({
    resourceId: admitted.resource.record.id,
    organisationId: admitted.resource.record.organisationId,
    bytes: HELD_REQUEST_BYTES,
    untilMs,
    isOver: () => socket.destroyed,
    hasWay: () => choice.hasWay(admitted),
    go: resolve,
  });
  counters.add('exchanges', isHeld ? 'held' : 'held-too-many');
  if (isHeld) await promise;
  return isHeld;
}

/** What is revoked ends what is under way; this was not yet. */
function cutRevoked({ counters }: ForwarderParts, admitted: AdmittedRequest, socket: Duplex): void {
  if (socket.destroyed || admitted.stillAdmitted()) return;
  counters.add('exchanges', 'cut');
  socket.destroy();
}
