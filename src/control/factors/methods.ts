import type { UsersTable } from '../../io/store/index.ts';
import type { Control } from '../control.ts';
import type { FactorMethod, FactorOffer } from './factor-method.ts';
import { passkeyMethod } from './passkey.ts';
import { recoveryCodeMethod } from './recovery-code.ts';
import { totpMethod } from './totp.ts';

/** Every kind of second factor, in the order in which people are asked. */
export const FACTOR_METHODS: readonly FactorMethod[] = [passkeyMethod, totpMethod, recoveryCodeMethod];

export type OfferedFactor = FactorOffer & { readonly method: FactorMethod['name'] };

/** What a person can be asked for. */
export async function factorsOf(control: Control, user: UsersTable): Promise<readonly OfferedFactor[]> {
  const offered: OfferedFactor[] = [];
  for (const { name, offer } of FACTOR_METHODS) {
    const found = await offer(control, user);
    if (found) offered.push({ method: name, ...found });
  }
  return offered;
}

/** Recovery codes alone are no factor: they stand in for one that was lost. */
export function hasFactor(offered: readonly OfferedFactor[]): boolean {
  return offered.some(({ method }) => method !== 'recovery-code');
}
