/** What a PoP hears of its connectors, and says of itself and them. */
import type { AttachedConnector, PopToControl, TargetStatus } from '../core/link/index.ts';
import type { PopParts } from './assemble.ts';
import { ENDING_MS, ON_THEIR_WAY_MS, STREAMS_END_MAX_MS } from './constants.ts';
import type { Drain } from './drain.ts';
import type { SnapshotView } from './snapshot-view.ts';
import type { RunningStreams } from './streams/running-streams.ts';

/** Gives up connections that are kept for later, and ends in good order what would be cut. */
export function leaveConnector({ upstreams, live }: PopParts, overlayAddress: string, endsInMs: number): void {
  upstreams.leave(overlayAddress);
  const inMs = Math.max(0, Math.min(endsInMs, STREAMS_END_MAX_MS) - ENDING_MS);
  // Those that it carries now: a new process with the same address may carry others by then.
  const carried = new Set(live.through(overlayAddress));
  // And those that were on their way to it when it spoke.
  const late = () => live.through(overlayAddress).forEach((exchange) => void carried.add(exchange));
  setTimeout(late, Math.min(inMs, ON_THEIR_WAY_MS)).unref();
  setTimeout(() => live.goAway(carried), inMs).unref();
}

export type PopStatusLoad = NonNullable<Extract<PopToControl, { type: 'status' }>['load']>;

/** What control is told. The ports of resources are told when they changed. */
export function statusOf(
  connectors: readonly AttachedConnector[],
  { phase }: Drain,
  {
    clockSkew: { tooMuchMs },
    certificateWatch: { problems },
    requests,
  }: Pick<PopParts, 'clockSkew' | 'certificateWatch' | 'requests'>,
  streams: RunningStreams,
  load?: PopStatusLoad,
): Extract<PopToControl, { type: 'status' }> {
  const states = streams.news();
  requests.adopt(connectors);
  return {
    type: 'status',
    connectors,
    draining: phase !== 'serving',
    ...(tooMuchMs !== undefined && { clockSkewMs: tooMuchMs }),
    ...(states && { streams: states }),
    ...(problems && { certificates: problems }),
    ...(load && { load }),
  };
}

/** Whether an administrator wants this PoP empty. */
export function isDrained({ state }: SnapshotView, popId: string): boolean {
  for (const pop of state.ofKind('pop')) if (pop.id === popId) return pop.draining ?? false;
  return false;
}

export function noteTargets({ holder, choice }: PopParts, connectorId: string, status: readonly TargetStatus[]): void {
  const { view } = holder;
  const node = view?.node(connectorId);
  if (view && node) choice.checked(view, node, status);
}
