import { Badge } from '../../look/badge.tsx';
import { classes } from '../../look/classes.ts';
import { TEXTS } from '../../texts/index.ts';
import type { Status } from '../overview/status.ts';

const texts = TEXTS.network;
export type LivePop = Status['pops'][number];

/** Worst first. */
export function linkRank(pop: LivePop | undefined): number {
  return !pop?.connected ? 0 : pop.draining ? 1 : 2;
}

export function LinkState({ pop }: { readonly pop: LivePop | undefined }) {
  if (!pop?.connected) return <Badge standing="bad">{texts.unlinked}</Badge>;
  if (pop.draining) return <Badge standing="warn">{texts.draining}</Badge>;
  return <Badge standing="good">{texts.linked}</Badge>;
}

interface SnapshotProps {
  readonly pop: LivePop | undefined;
  readonly version: Status['version'] | undefined;
}

/** Whether it goes by what control knows now. */
export function SnapshotState({ pop, version }: SnapshotProps) {
  if (!pop?.applied || !version) return <span className="text-quiet">–</span>;
  const isCurrent = pop.applied.epoch === version.epoch && pop.applied.revision >= version.revision;
  return (
    <span
      className={classes('inline-block first-letter:uppercase', isCurrent ? 'text-quiet' : 'text-warn')}
      title={`${pop.applied.epoch}.${pop.applied.revision}`}
    >
      {isCurrent ? texts.snapshotCurrent : texts.snapshotOld}
    </span>
  );
}
