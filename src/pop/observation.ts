import type { Clock } from '../base/index.ts';
import type { ConnectionLimiter } from '../io/connection-limiter.ts';
import type { NotReady } from '../io/metrics/not-ready.ts';
import type { Samples } from '../io/metrics/samples.ts';
import type { PopParts } from './assemble.ts';
import type { CertificateTable } from './certificates.ts';
import { MAXIMUM_CONNECTIONS } from './constants.ts';
import type { Drain } from './drain.ts';
import type { PopFacts } from './metrics.ts';
import type { RunningStreams } from './streams/running-streams.ts';

export interface PopObservation {
  /** What keeps it from serving: `/readyz` tells. */
  notReady(): NotReady<'pop'>[];
  /** Adds what is counted here, tunnels left out. */
  collect(samples: Samples): Promise<void>;
}

export function factsOf(
  limiter: ConnectionLimiter,
  streams: RunningStreams,
  drain: Drain,
  capacity = MAXIMUM_CONNECTIONS,
): PopFacts {
  return {
    connections: () => ({ open: limiter.open + streams.connections, capacity }),
    streamPorts: () => streams.states(),
    phase: () => drain.phase,
  };
}

/** What monitoring is told; what tells metrics is loaded when it is asked for. */
export function observationOf(
  parts: PopParts,
  certificates: CertificateTable,
  facts: PopFacts,
  link: { readonly link: unknown },
  clock: Clock,
): PopObservation {
  return {
    notReady() {
      const unservable = parts.holder.unservable(clock.unixMs());
      return [...(unservable ? [unservable] : []), ...(facts.phase() === 'serving' ? [] : (['draining'] as const))];
    },
    async collect(samples) {
      const { collectPop } = await import('./metrics.ts');
      const isLinked = link.link !== undefined;
      collectPop(samples, { parts, certificates, facts, isLinked, nowUnixMs: clock.unixMs() });
    },
  };
}
