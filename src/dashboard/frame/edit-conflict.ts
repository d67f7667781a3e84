import type { Difference } from './reconcile.ts';

/** How a form goes on after a conflict. */
export interface ConflictWays {
  /** Saves what was typed; what they changed in the same fields is written over. */
  readonly saveMine: () => void;
  /** Shows their version in the form; gives what brings back one's own. */
  readonly showTheirs: () => () => void;
}

/** How a conflict is told. */
export interface ConflictWords {
  /** What fields are called in the form; others by their names in the API. */
  readonly labels?: Readonly<Record<string, string>>;
  /** What a value is as people read it; undefined where it is said as any other. */
  readonly tell?: (value: unknown, path: readonly string[]) => string | undefined;
}

/** Somebody else changed the same fields after the form was opened: nothing was saved, and nothing is lost. */
export class EditConflict extends Error {
  override readonly name = 'EditConflict';
  readonly differences: readonly Difference[];
  /** Undefined where it is gone. */
  readonly theirs: object | undefined;
  ways: ConflictWays | undefined;
  words: ConflictWords = {};

  constructor(differences: readonly Difference[], theirs: object | undefined) {
    super('somebody else changed it');
    this.differences = differences;
    this.theirs = theirs;
  }
}
