import type { SnapshotVersion } from './records.ts';

/** Before every version that control publishes; the state of a node that has no snapshot. */
export const NO_VERSION: SnapshotVersion = { epoch: 0, revision: 0 };

/** Negative where `a` is older than `b`, zero where they are the same. The epoch counts first. */
export function compareVersions(a: SnapshotVersion, b: SnapshotVersion): number {
  return a.epoch - b.epoch || a.revision - b.revision;
}

export function sameVersion(a: SnapshotVersion | null, b: SnapshotVersion | null): boolean {
  return a === b || (a !== null && b !== null && compareVersions(a, b) === 0);
}

/** `3.1042`, for logs and status pages. */
export function formatVersion(version: SnapshotVersion): string {
  return `${version.epoch}.${version.revision}`;
}
