import { assertNever } from '../../base/index.ts';
import {
  BACKOFF_MS,
  DOUBT_MS,
  FIRST_UP_OR_ANOTHER_MS,
  FIRST_UP_WITHIN_MS,
  LONELY_BACKOFF_MS,
  MAXIMUM_BACKOFF_MS,
  MAXIMUM_FAILURES,
  MAXIMUM_LONELY_BACKOFF_MS,
  PROBE_HOLDS_UP_MS,
  PROBE_TIMEOUT_MS,
  PROBE_UP_MS,
  PROMISING_MS,
  REPLACE_AFTER_MS,
} from './constants.ts';

/** A PoP of the grant, as the choice needs it. */
export interface ChoicePop {
  readonly id: string;
  /** Name of its location: two PoPs of one location are likely to fail together. */
  readonly place: string;
  readonly latitude: number;
  readonly longitude: number;
}

/**
 * What a PoP is to the connector.
 *
 *     idle --its time has come--> probing --measured--> idle
 *     idle, probing, leaving --there is room, or it is clearly better--> kept
 *     kept --another took its place, or it drains--> leaving --quiet--> idle
 *     kept, probing --no answer--> idle, tried again later and later
 */
export type Role =
  | { readonly kind: 'idle'; readonly probeAtMs: number }
  | { readonly kind: 'probing'; readonly sinceMs: number; readonly upSinceMs: number | undefined }
  | {
      readonly kind: 'kept';
      readonly sinceMs: number;
      /** Its tunnel was up and its link open. */
      readonly isReady: boolean;
      readonly downSinceMs: number | undefined;
      /** Since when its tunnel is not known to work, down or in doubt; undefined while it is up. */
      readonly doubtedSinceMs: number | undefined;
      /** The PoP that leaves once this one is ready. */
      readonly insteadOf: string | undefined;
    }
  | { readonly kind: 'leaving'; readonly sinceMs: number; readonly quietSinceMs: number };

export interface Candidate {
  readonly pop: ChoicePop;
  role: Role;
  /** Of the last measurement; undefined: never measured. */
  rttMs: number | undefined;
  loss: number;
  /** Tries without an answer; worked off one by one by measurements that succeed. */
  failures: number;
  /** Measurements in a row in which it was clearly better than a PoP that is kept. */
  timesBetter: number;
  /** From when on it counts as draining; undefined while it does not. */
  drainsFromMs: number | undefined;
  utilisation: number | undefined;
  /** Connectors that keep a tunnel to it, as PoPs say. */
  tunnels: number | undefined;
  /** Whether a PoP that we hear, another one where there is another, said last that it hears this one. */
  isHeard: boolean;
  /** Whether streams from it are open. */
  isBusy: boolean;
  /** Whether its tunnel is up, asked for or not: a PoP keeps one for a while after we left it. */
  isUp: boolean;
}

export function newCandidate(pop: ChoicePop): Candidate {
  return {
    pop,
    role: { kind: 'idle', probeAtMs: Number.POSITIVE_INFINITY },
    rttMs: undefined,
    loss: 0,
    failures: 0,
    timesBetter: 0,
    drainsFromMs: undefined,
    utilisation: undefined,
    tunnels: undefined,
    isHeard: true,
    isBusy: false,
    isUp: false,
  };
}

/** The state of a tunnel as the connector sees it now. */
export interface TunnelNow {
  readonly state: 'unproven' | 'up' | 'suspect' | 'down';
  readonly rttMs: number | undefined;
  /** 0 to 1. */
  readonly loss: number;
  /** Whether the link inside it is open. */
  readonly linkOpen: boolean;
  /** Whether streams from the PoP are open, by whatever path. */
  readonly busy: boolean;
}

/** A candidate that is kept. */
export type Kept = Candidate & { role: Extract<Role, { kind: 'kept' }> };

/** Takes in how its tunnel is; undefined where it has none. */
export function observeTunnel(candidate: Candidate, tunnel: TunnelNow | undefined, nowMs: number): void {
  const { role } = candidate;
  const isUp = tunnel?.state === 'up';
  candidate.isBusy = tunnel?.busy ?? false;
  candidate.isUp = isUp;
  if (isUp && tunnel.rttMs !== undefined) {
    candidate.rttMs = tunnel.rttMs;
    candidate.loss = tunnel.loss;
  }
  switch (role.kind) {
    case 'idle':
      return;
    case 'probing':
      candidate.role = { ...role, upSinceMs: isUp ? (role.upSinceMs ?? nowMs) : undefined };
      return;
    case 'kept': {
      const isDown = !isUp && tunnel?.state !== 'suspect';
      const isReady = role.isReady || (isUp && tunnel.linkOpen);
      const downSinceMs = isDown ? (role.downSinceMs ?? nowMs) : undefined;
      candidate.role = {
        ...role,
        isReady,
        downSinceMs,
        doubtedSinceMs: isUp ? undefined : (role.doubtedSinceMs ?? nowMs),
      };
      return;
    }
    case 'leaving':
      if (tunnel?.busy) candidate.role = { ...role, quietSinceMs: nowMs };
      return;
    default:
      assertNever(role);
  }
}

/** Whether a PoP that is kept was in doubt for so long that another should stand by. It may come back. */
export function isDoubted({ role }: Kept, nowMs: number): boolean {
  return role.isReady && role.doubtedSinceMs !== undefined && nowMs - role.doubtedSinceMs >= DOUBT_MS;
}

/** Whether a PoP that is kept does what it should, or was taken a moment ago and will. */
export function isPromising({ role, isUp }: Kept, nowMs: number): boolean {
  return isUp || (!role.isReady && nowMs - role.sinceMs < PROMISING_MS);
}

/** Counts failures; measurements that succeed work them off, so that a PoP that comes and goes stays out. */
export function distrust(candidate: Candidate, failures: number): void {
  candidate.failures = Math.min(candidate.failures + failures, MAXIMUM_FAILURES);
  candidate.timesBetter = 0;
}

/** One that was given up has another chance at this time, if not before. */
export function probeSoon(candidate: Candidate, atMs: number): void {
  const { role, failures } = candidate;
  if (role.kind !== 'idle' || failures === 0) return;
  candidate.role = { kind: 'idle', probeAtMs: Math.min(role.probeAtMs, atMs) };
}

/** How long to wait after a failure that so many came before. */
export function backoffMs(failures: number, isLonely: boolean): number {
  const [firstMs, mostMs] = isLonely
    ? [LONELY_BACKOFF_MS, MAXIMUM_LONELY_BACKOFF_MS]
    : [BACKOFF_MS, MAXIMUM_BACKOFF_MS];
  return Math.min(firstMs * 2 ** failures, mostMs);
}

/** Whether it is left alone for saying that it takes no new work. */
export function isDraining({ drainsFromMs }: Candidate, nowMs: number): boolean {
  return drainsFromMs !== undefined && drainsFromMs <= nowMs;
}

/** Whether it may be kept at once: not one that failed and whose time has not come. */
export function mayBeTaken(candidate: Candidate, nowMs: number): boolean {
  const { role, failures } = candidate;
  if (role.kind === 'kept' || isDraining(candidate, nowMs)) return false;
  return failures === 0 || role.kind !== 'idle' || role.probeAtMs <= nowMs;
}

/**
 * Whether it had its time to answer; there is nothing to wait for where those that we hear do not hear it either.
 * `isReplaceable`: a PoP that answered is there to take its place.
 */
export function isSilent({ role, isHeard }: Candidate, isReplaceable: boolean, nowMs: number): boolean {
  if (role.kind === 'probing') return role.upSinceMs === undefined && nowMs - role.sinceMs >= PROBE_TIMEOUT_MS;
  if (role.kind !== 'kept' || role.downSinceMs === undefined) return false;
  if (role.isReady && !isHeard) return true;
  const firstMs = isReplaceable ? FIRST_UP_OR_ANOTHER_MS : FIRST_UP_WITHIN_MS;
  return nowMs - role.downSinceMs >= (role.isReady ? REPLACE_AFTER_MS : firstMs);
}

/** Whether a measurement is done. */
export function isMeasured({ role, rttMs }: Candidate, nowMs: number): boolean {
  if (role.kind !== 'probing' || role.upSinceMs === undefined) return false;
  return nowMs - role.upSinceMs >= PROBE_UP_MS && rttMs !== undefined;
}

/** Whether a PoP that was asked has not answered in the time that one takes where nothing is in its way. */
export function isOverdue({ role }: Candidate, nowMs: number): boolean {
  return role.kind === 'probing' && role.upSinceMs === undefined && nowMs - role.sinceMs >= PROBE_HOLDS_UP_MS;
}

/** Those whose time to be measured has come, in its order and not always in the same. */
export function dueProbes(candidates: readonly Candidate[], nowMs: number): Candidate[] {
  const atMs = ({ role }: Candidate) => (role.kind === 'idle' ? role.probeAtMs : Number.POSITIVE_INFINITY);
  return candidates.filter((one) => atMs(one) <= nowMs).sort((a, b) => atMs(a) - atMs(b));
}
