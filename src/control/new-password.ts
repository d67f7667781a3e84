import { passwordAdvice, passwordProblem } from '../io/passwords.ts';
import type { Control } from './control.ts';
import { ControlFailure } from './problems.ts';

/** The hash of a password that somebody chose, in a field of that name. Failure `password-weak`, which names it. */
export async function hashNewPassword(
  { hasher }: Pick<Control, 'hasher'>,
  password: string,
  email: string,
  field = 'password',
): Promise<string> {
  const problem = passwordProblem(password, email);
  if (problem) {
    const problems = [{ path: field, expected: passwordAdvice(problem) }];
    throw new ControlFailure('password-weak', passwordAdvice(problem), { problems });
  }
  return hasher.hash(password);
}
