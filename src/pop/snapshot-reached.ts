import { compareVersions, type SnapshotVersion } from '../core/link/index.ts';
import { SNAPSHOT_LOOK_MS, SNAPSHOT_WAIT_MS } from './constants.ts';
import type { SnapshotHolder } from './snapshot-holder.ts';

/**
 * Waits for the snapshot in which the account or the role is that control has just made. A moment at most: without it a
 * new account is asked to sign in once more, and an older one sees less until the next look.
 */
export async function snapshotReached(
  holder: Pick<SnapshotHolder, 'view'>,
  version: SnapshotVersion | undefined,
): Promise<void> {
  if (!version) return;
  const isThere = (): boolean => {
    const now = holder.view?.state.version;
    return now !== undefined && compareVersions(now, version) >= 0;
  };
  for (let waitedMs = 0; waitedMs < SNAPSHOT_WAIT_MS && !isThere(); waitedMs += SNAPSHOT_LOOK_MS)
    await new Promise<void>((resolve) => void setTimeout(resolve, SNAPSHOT_LOOK_MS));
}

/** The version that an answer of control names; undefined where it is of an older node, which names none. */
export function versionIn(body: unknown): SnapshotVersion | undefined {
  const { version } = (body ?? {}) as { version?: Partial<SnapshotVersion> | null };
  const { epoch, revision } = version ?? {};
  return typeof epoch === 'number' && typeof revision === 'number' ? { epoch, revision } : undefined;
}
