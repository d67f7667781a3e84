/** One command of the command line, as a test runs it against a real control node. */

/**
 * Words are split at blanks; those in double quotes stay together. `{name}` stands for what is in the fixture or what an
 * earlier case kept, `{name.field}` for a field of that. `{n}` is 1 where people read and 2 where `--json` is asked for, so
 * that what is added does not collide.
 */
export interface CommandCase {
  /** `site add attic{n}` */
  readonly line: string;
  /** What people read. */
  readonly says: RegExp;
  /** What is wrong to ask, and what is said about it. */
  readonly wrong: readonly [line: string, says: RegExp];
  /** What it answers as JSON is kept under this name for cases after it. */
  readonly keep?: string;
  /** It has no `--json`: what it prints is for programs already. */
  readonly plain?: true;
  /** Asked between the two times, so that it can be done again. */
  readonly between?: string;
  /** It refuses here, since what it needs is more than a control node; what it says is still what people read. */
  readonly refused?: true;
  /** It goes on until somebody stops it: after its first line. */
  readonly endless?: true;
}

/** A command that no case runs, with why, and the test that does. */
export interface Elsewhere {
  readonly why: string;
  readonly test: string;
}
