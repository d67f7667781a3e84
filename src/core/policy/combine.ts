import type { Test } from './criterion.ts';
import { False, True, type Truth } from './truth.ts';

/** Holds where every test does; the least of their values. */
export function allOf(tests: readonly Test[]): Test {
  return (context, subject) => {
    let least: Truth = True;
    for (const test of tests) {
      const value = test(context, subject);
      if (value === False) return False;
      if (value < least) least = value;
    }
    return least;
  };
}

/** Holds where one test does; the greatest of their values. */
export function anyOf(tests: readonly Test[]): Test {
  return (context, subject) => {
    let most: Truth = False;
    for (const test of tests) {
      const value = test(context, subject);
      if (value === True) return True;
      if (value > most) most = value;
    }
    return most;
  };
}
