import type { Criterion } from '../criterion.ts';
import { readTextList } from '../problem.ts';
import { MaybeAfterSignIn, truthOf } from '../truth.ts';

/** Whether the user came from one of these identity providers. Who signed in here, without one, came from none. */
export const identityProvider: Criterion<readonly string[]> = {
  expects: 'a list of ids of identity providers',
  parse: (json, path, list) => readTextList(json, path, list),
  compile(ids) {
    const listed = new Set(ids);
    return (_context, subject) =>
      subject === undefined
        ? MaybeAfterSignIn
        : truthOf(subject.providerId !== undefined && listed.has(subject.providerId));
  },
};
