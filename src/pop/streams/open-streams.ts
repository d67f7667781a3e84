import type { Clock } from '../../base/index.ts';
import { type ConnectionRates, RecentConnections } from '../../io/connection-rates.ts';
import type { PopParts } from '../assemble.ts';
import type { TargetDialer } from '../dialer.ts';
import { RunningStreams } from './running-streams.ts';
import type { PortRange } from './stream-ports.ts';

/** Where a PoP listens for resources that are no HTTP. */
export interface StreamOptions {
  /** Addresses; left out: those where it listens for browsers. */
  readonly hosts?: readonly string[];
  /** Ports that resources may have; left out: every one from 1024 on. */
  readonly ports?: readonly PortRange[];
  /** Ports of the PoP itself beside those where it is asked by HTTPS, HTTP and DNS; resources never get them. */
  readonly own?: { readonly tcp: readonly number[]; readonly udp: readonly number[] };
}

interface Place {
  readonly host: string;
  readonly port: number;
}

export interface StreamSettings {
  readonly https: readonly Place[];
  readonly dns?: { readonly listen: readonly Place[] };
  readonly streams?: StreamOptions;
  readonly streamsChanged?: () => void;
  readonly clock: Clock;
  readonly dialer: TargetDialer;
  readonly connectionRates?: ConnectionRates;
}

/** @param listeners where the PoP listens itself, as soon as it does. */
export function openStreams(
  parts: PopParts,
  { https, dns, streams, streamsChanged, clock, dialer, connectionRates }: StreamSettings,
  listeners: readonly Place[],
): RunningStreams {
  const own = streams?.own ?? { tcp: [], udp: [] };
  const isIn = (places: readonly Place[], port: number) => places.some((place) => place.port === port);
  return new RunningStreams(parts, {
    hosts: streams?.hosts ?? [...new Set(https.map(({ host }) => host))],
    allowed: streams?.ports,
    isOwn: {
      tcp: (port) => own.tcp.includes(port) || isIn(listeners, port) || isIn(dns?.listen ?? [], port),
      udp: (port) => own.udp.includes(port) || isIn(dns?.listen ?? [], port),
    },
    ...{ clock, dialer },
    recent: connectionRates && new RecentConnections(connectionRates, clock),
    changed: () => streamsChanged?.(),
  });
}
