import type { Criterion } from '../criterion.ts';
import { compileEmails, faultInEmailPattern } from '../email-pattern.ts';
import { readTextList } from '../problem.ts';
import { MaybeAfterSignIn, truthOf } from '../truth.ts';

/** Whether the verified address of the user or guest is one of these, or of one of these domains. */
export const email: Criterion<readonly string[]> = {
  expects: 'a list of e-mail addresses and domains such as *@example.com',
  parse: (json, path, list) => readTextList(json, path, list, faultInEmailPattern),
  compile(patterns) {
    const matches = compileEmails(patterns);
    return (_context, subject) => (subject === undefined ? MaybeAfterSignIn : truthOf(matches(subject.email)));
  },
};
