/** What the live stream told lately, for every part of the page that shows it. */
import { useSyncExternalStore } from 'react';
import type { paths } from '../../api/client.ts';

export interface TrafficSecond {
  readonly unixMs: number;
  readonly requests: number;
  readonly errors: number;
  readonly denied: Readonly<Record<string, number>>;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly byResource: Readonly<Record<string, { readonly requests: number; readonly errors: number }>>;
  readonly byPop: Readonly<Record<string, { readonly requests: number; readonly errors: number }>>;
}

export type NetworkEvent =
  | { readonly kind: 'pop-lost' | 'pop-back'; readonly unixMs: number; readonly popId: string }
  | { readonly kind: 'connector-lost' | 'connector-back'; readonly unixMs: number; readonly connectorId: string }
  | {
      readonly kind: 'home-moved';
      readonly unixMs: number;
      readonly connectorId: string;
      readonly fromPopId: string;
      readonly toPopId: string;
      readonly tookMs: number;
    };

export type LoggedRequest = paths['/requests']['get']['responses'][200]['content']['application/json']['items'][number];

export interface LiveState {
  /** The stream is open; else pages ask now and then. */
  readonly isOpen: boolean;
  /** The newest last. */
  readonly traffic: readonly TrafficSecond[];
  readonly events: readonly NetworkEvent[];
}

const SECONDS_KEPT = 120;
const EVENTS_KEPT = 50;

let state: LiveState = { isOpen: false, traffic: [], events: [] };
const watchers = new Set<() => void>();

export function changeLive(change: (before: LiveState) => Partial<LiveState>): void {
  const next = { ...state, ...change(state) };
  state = { ...next, traffic: next.traffic.slice(-SECONDS_KEPT), events: next.events.slice(-EVENTS_KEPT) };
  for (const watcher of watchers) watcher();
}

export function liveState(): LiveState {
  return state;
}

export function useLive(): LiveState {
  return useSyncExternalStore((watcher) => {
    watchers.add(watcher);
    return () => watchers.delete(watcher);
  }, liveState);
}
