import type { Criterion } from '../criterion.ts';
import { readTextList } from '../problem.ts';
import { MaybeAfterSignIn, truthOf } from '../truth.ts';

/** Whether the signed-in user is one of these ids. Guests and holders of credentials are none. */
export const user: Criterion<readonly string[]> = {
  expects: 'a list of user ids',
  parse: (json, path, list) => readTextList(json, path, list),
  compile(ids) {
    const listed = new Set(ids);
    return (_context, subject) => (subject === undefined ? MaybeAfterSignIn : truthOf(listed.has(subject.userId)));
  },
};
