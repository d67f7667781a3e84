/** Secrets of credentials: made or chosen, judged for weakness, and the hash that is kept of them. */
import { assertNever, type Random } from '../../base/index.ts';
import type { SecretMethod } from '../../core/link/index.ts';
import { passwordAdvice, passwordProblem } from '../../io/passwords.ts';
import { hashSecret, newSecret } from '../../io/secrets.ts';
import { GENERATED_PIN_DIGITS, PIN_DIGITS_MAX, PIN_DIGITS_MIN } from '../constants.ts';
import type { Control } from '../control.ts';
import { ControlFailure } from '../problems.ts';

export interface CredentialSecret {
  /** Shown once. */
  readonly secret: string;
  readonly hash: string;
}

/** `chosen` is the administrator's; left out, one is made. Failures `secret-weak`, `secret-not-chosen`. */
export async function makeSecret(
  control: Pick<Control, 'hasher' | 'random'>,
  method: SecretMethod,
  chosen: string | undefined,
): Promise<CredentialSecret> {
  const { hasher, random } = control;
  switch (method) {
    case 'pin': {
      const secret = chosen ?? newPin(random);
      const problem = pinProblem(secret);
      if (problem !== undefined) throw weak(problem);
      return { secret, hash: await hasher.hash(secret) };
    }
    case 'resource-password':
    case 'header': {
      const secret = chosen ?? newSecret('mnw', random);
      const problem = passwordProblem(secret, 'nobody@manis.invalid');
      if (problem !== undefined) throw weak(passwordAdvice(problem));
      return { secret, hash: await hasher.hash(secret) };
    }
    case 'share-link':
    case 'service-token': {
      if (chosen !== undefined)
        throw new ControlFailure('secret-not-chosen', `the secret of a ${method} is made by Manis; leave secret out`);
      const secret = newSecret(method === 'share-link' ? 'mnl' : 'mnt', random);
      return { secret, hash: hashSecret(secret) };
    }
    default:
      return assertNever(method);
  }
}

/** What is wrong with a PIN, or undefined. */
export function pinProblem(pin: string): string | undefined {
  if (!/^\d+$/.test(pin) || pin.length < PIN_DIGITS_MIN || pin.length > PIN_DIGITS_MAX)
    return `a PIN has ${PIN_DIGITS_MIN} to ${PIN_DIGITS_MAX} digits`;
  return isPattern(pin) ? 'this PIN is among the first that anybody would try; choose another' : undefined;
}

/** Few different digits, an even step from each to the next, or a part that repeats: `111112`, `654321`, `123123`. */
function isPattern(pin: string): boolean {
  if (new Set(pin).size < 3) return true;
  const steps = new Set<number>();
  for (let i = 1; i < pin.length; i++) steps.add((pin.charCodeAt(i) - pin.charCodeAt(i - 1) + 10) % 10);
  if (steps.size === 1) return true;
  for (let length = 1; length <= pin.length / 2; length++)
    if (
      pin ===
      pin
        .slice(0, length)
        .repeat(Math.ceil(pin.length / length))
        .slice(0, pin.length)
    )
      return true;
  return false;
}

/** Digits without bias; one that anybody would try is thrown away. */
function newPin(random: Random): string {
  for (;;) {
    const digits: number[] = [];
    while (digits.length < GENERATED_PIN_DIGITS)
      for (const byte of random.bytes(32))
        if (byte < 250 && digits.length < GENERATED_PIN_DIGITS) digits.push(byte % 10);
    const pin = digits.join('');
    if (pinProblem(pin) === undefined) return pin;
  }
}

function weak(advice: string): ControlFailure {
  return new ControlFailure('secret-weak', advice, { problems: [{ path: 'secret', expected: advice }] });
}
