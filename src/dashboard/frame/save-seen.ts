import { type Condition, changeAsRead, type Read } from '../../api/changes.ts';
import { EditConflict } from './edit-conflict.ts';
import { reconcile } from './reconcile.ts';

/** Where a thing is read, and what replaces it or a part of it. */
export interface Place<Thing, Body, Answer> {
  readonly read: () => Promise<Read<Thing>>;
  readonly write: (body: Body, condition: Condition, now: Thing) => Promise<Answer>;
}

/**
 * Saves what somebody made of what they saw, if nobody else changed the same fields since; else an `EditConflict`. What is
 * there is read again, not asked of what the page holds: that may be newer than the form. The tag of what was compared goes
 * along, so that nothing comes between.
 */
export function saveSeen<Thing extends object | undefined, Body, Answer>(
  { read, write }: Place<Thing, Body, Answer>,
  { seen, mine, accepted }: { seen: object | undefined; mine: object; accepted: object | undefined },
): Promise<Answer> {
  return changeAsRead(read, (now, condition) => {
    const { body, differences } = reconcile({ seen, mine, theirs: now, accepted });
    if (differences.length > 0) throw new EditConflict(differences, now);
    return write(body as Body, condition, now);
  });
}
