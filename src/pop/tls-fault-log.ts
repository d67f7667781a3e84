import type { Clock } from '../base/index.ts';
import { RecentMap } from '../core/session/index.ts';
import type { Log } from '../io/log.ts';
import { TLS_FAULT_LOG_EVERY_MS, TLS_FAULTS_TOLD_MAX } from './constants.ts';
import type { TargetDialer } from './dialer.ts';
import { type TlsFaultListener, Upstreams } from './upstreams.ts';

/** Connections to targets; what is wrong with their TLS is in the log. */
export function openUpstreams(dialer: TargetDialer, clock: Clock, log: Log): Upstreams {
  return new Upstreams(dialer, tlsFaultLog(clock, log));
}

/** One target whose TLS is wrong fails many requests: now and then is often enough. */
function tlsFaultLog(clock: Clock, log: Log): TlsFaultListener {
  const told = new RecentMap<number>(TLS_FAULTS_TOLD_MAX);
  return ({ id }, connector, { fault, message }) => {
    const nowMs = clock.nowMs();
    if (nowMs - (told.get(id) ?? Number.NEGATIVE_INFINITY) < TLS_FAULT_LOG_EVERY_MS) return;
    told.set(id, nowMs);
    log.warn('TLS with a target failed', { targetId: id, through: connector.id, reason: fault, error: message });
  };
}
