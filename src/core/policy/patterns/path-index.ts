import { MAXIMUM_PATTERN_STEPS } from '../constants.ts';
import { False, True, type Truth, Unknown } from '../truth.ts';
import { Automaton } from './automaton.ts';
import type { PatternTree } from './tree.ts';

/**
 * All globs and regular expressions of a policy in one automaton, so that a path is read once and not once a rule. A
 * path that would take too long is unknown to all of them: it satisfies no rule that admits and escapes none that
 * denies. Whether it does depends on policy and path alone.
 */
export class PathIndex {
  readonly #automaton = new Automaton();
  #found = new Set<number>();
  #last: string | undefined;
  #lastKnown = true;

  /** Takes a pattern; gives its number. */
  add(tree: PatternTree): number {
    this.#last = undefined;
    return this.#automaton.add(tree);
  }

  matches(pattern: number, path: string): Truth {
    if (path !== this.#last) {
      this.#found = new Set();
      this.#lastKnown = this.#automaton.read(path, MAXIMUM_PATTERN_STEPS, this.#found);
      this.#last = path;
    }
    if (!this.#lastKnown) return Unknown;
    return this.#found.has(pattern) ? True : False;
  }
}
