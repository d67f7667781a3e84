import type { SnapshotVersion } from './records.ts';

/** Negative where `a` is older than `b`, zero where they are the same. The epoch counts first. */
export function compareVersions(a: SnapshotVersion, b: SnapshotVersion): number {
  return a.epoch - b.epoch || a.revision - b.revision;
}

export function sameVersion(a: SnapshotVersion | null, b: SnapshotVersion | null): boolean {
  return a === b || (a !== null && b !== null && compareVersions(a, b) === 0);
}
