import type { UsersTable } from '../../io/store/index.ts';
import type { Control } from '../control.ts';
import { emailCodeMethod } from './email-code.ts';
import type { FactorMethod, FactorOffer } from './factor-method.ts';
import { passkeyMethod } from './passkey.ts';
import { recoveryCodeMethod } from './recovery-code.ts';
import { totpMethod } from './totp.ts';

/** Every kind of second factor, in the order in which people are asked. */
export const FACTOR_METHODS: readonly FactorMethod[] = [passkeyMethod, totpMethod, emailCodeMethod, recoveryCodeMethod];

export type OfferedFactor = FactorOffer & { readonly method: FactorMethod['name'] };

/** What a person can be asked for, after what they proved before. */
export async function factorsOf(
  control: Control,
  user: UsersTable,
  before: readonly string[] = [],
): Promise<readonly OfferedFactor[]> {
  const offered: OfferedFactor[] = [];
  for (const { name, offer } of FACTOR_METHODS) {
    const found = await offer(control, user, before);
    if (found) offered.push({ method: name, ...found });
  }
  return offered;
}

/** Whether people have a factor of their own. Recovery codes are none, they stand in for one that was lost; mail is everybody's. */
export function hasFactor(offered: readonly OfferedFactor[]): boolean {
  return offered.some(({ method }) => method !== 'recovery-code' && method !== 'email-otp');
}

/** Whether they can take a second step as they are, and need not set a factor up first. */
export function canProve(offered: readonly OfferedFactor[]): boolean {
  return offered.some(({ method }) => method !== 'recovery-code');
}
