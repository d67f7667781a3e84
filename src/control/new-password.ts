import { passwordAdvice, passwordProblem } from '../io/passwords.ts';
import type { Control } from './control.ts';
import { ControlFailure } from './problems.ts';

/** The hash of a password that somebody chose. Failure `password-weak`. */
export async function hashNewPassword(
  { hasher }: Pick<Control, 'hasher'>,
  password: string,
  email: string,
): Promise<string> {
  const problem = passwordProblem(password, email);
  if (problem) {
    const problems = [{ path: 'password', expected: passwordAdvice(problem) }];
    throw new ControlFailure('password-weak', passwordAdvice(problem), { problems });
  }
  return hasher.hash(password);
}
