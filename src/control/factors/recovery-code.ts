import { hashOfRecoveryCode } from '../../io/factors/recovery-codes.ts';
import { countRecoveryCodes, takeRecoveryCode } from '../../io/store/index.ts';
import type { FactorMethod } from './factor-method.ts';

/** Codes that were printed when the first factor was set up: each is good once. */
export const recoveryCodeMethod: FactorMethod = {
  name: 'recovery-code',
  canBeGuessed: false,
  async offer({ store }, user) {
    return (await countRecoveryCodes(store.database, user.id)).left > 0 ? {} : undefined;
  },
  async judge({ control, user }, { code }) {
    const hash = hashOfRecoveryCode(user.id, code);
    if (hash === undefined) return { ok: false, reason: 'code-wrong' };
    const unixMs = Math.round(control.clock.unixMs());
    const isTaken = await control.store.transaction((transaction) =>
      takeRecoveryCode(transaction, user.id, hash, unixMs),
    );
    return isTaken ? { ok: true, userVerified: false } : { ok: false, reason: 'code-wrong' };
  },
};
