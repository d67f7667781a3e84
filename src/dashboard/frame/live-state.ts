/** What the live stream told lately, for every part of the page that shows it. */
import { useSyncExternalStore } from 'react';
import type { schemas } from '../../api/client.ts';

export type TrafficSecond = schemas['TrafficSecond'];
export type NetworkEvent = schemas['NetworkEvent'];
export type LoggedRequest = schemas['LoggedRequest'];

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
