import { RELAY_BETTER_FACTOR, RELAY_BETTER_MS, RELAY_KEPT_MS } from './constants.ts';
import type { PathKind } from './path.ts';
import type { PeerPath } from './peer.ts';

const NEVER = Number.POSITIVE_INFINITY;
const KINDS: Record<PathKind, number> = { udp: 0, tls: 1, relay: 2 };
/** Puts an avoided path behind the other direct one, and still before relays. */
const AVOIDED = 1.5;

export interface PathChoice {
  readonly path: PeerPath | undefined;
  /** When to choose again if nothing happens before. */
  readonly againAtMs: number;
}

/**
 * Which path packets take: by trust, then by kind, then by round trip. Away from a path that is suspect at once; to one
 * that is only better by kind or round trip after that has been steady, so that traffic does not swing.
 */
export function choosePath(
  paths: readonly PeerPath[],
  current: PeerPath | undefined,
  currentSinceMs: number,
  nowMs: number,
): PathChoice {
  let best: PeerPath | undefined;
  let againAtMs = NEVER;
  for (const path of paths) {
    if (!best || comparePaths(path, best, nowMs) < 0) best = path;
    againAtMs = Math.min(againAtMs, path.nextChangeMs(nowMs));
  }
  if (!best || !current || best === current || !paths.includes(current)) return { path: best, againAtMs };
  if (best.trust(nowMs) < current.trust(nowMs)) return { path: best, againAtMs };
  const readyAtMs = best.kind === current.kind ? shorterAtMs(best, current, currentSinceMs) : best.steadyAtMs(nowMs);
  if (nowMs >= readyAtMs) return { path: best, againAtMs };
  return { path: current, againAtMs: Math.min(againAtMs, readyAtMs) };
}

/** Negative where `a` is the better one. */
export function comparePaths(a: PeerPath, b: PeerPath, nowMs: number): number {
  return (
    a.trust(nowMs) - b.trust(nowMs) ||
    rankOf(a) - rankOf(b) ||
    (a.rttMs ?? Number.MAX_VALUE) - (b.rttMs ?? Number.MAX_VALUE)
  );
}

function rankOf({ kind, avoidedByUs, avoidedByPeer }: PeerPath): number {
  return KINDS[kind] + (avoidedByUs || avoidedByPeer ? AVOIDED : 0);
}

/** When a path of the same kind takes over because it is much shorter. */
function shorterAtMs(best: PeerPath, current: PeerPath, currentSinceMs: number): number {
  const bestMs = best.rttMs;
  const currentMs = current.rttMs;
  if (bestMs === undefined || currentMs === undefined) return NEVER;
  const isShorter = bestMs < RELAY_BETTER_FACTOR * currentMs && bestMs < currentMs - RELAY_BETTER_MS;
  return isShorter ? currentSinceMs + RELAY_KEPT_MS : NEVER;
}
