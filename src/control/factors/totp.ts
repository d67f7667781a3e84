import { takeTotpStep, totpKeysOf } from '../../io/store/index.ts';
import type { FactorMethod } from './factor-method.ts';
import { stepOfCode } from './totp-secret.ts';

/** Codes of an authenticator application. A code and all before it are used up in the transaction that takes it. */
export const totpMethod: FactorMethod = {
  name: 'totp',
  canBeGuessed: true,
  async offer({ store }, user) {
    const rows = await totpKeysOf(store.database, user.id);
    return rows.some((row) => row.confirmed_unix_ms !== null) ? {} : undefined;
  },
  async judge({ control, user }, { code }) {
    const unixMs = Math.round(control.clock.unixMs());
    return control.store.transaction(async (transaction) => {
      const rows = await totpKeysOf(transaction, user.id);
      for (const row of rows) {
        if (row.confirmed_unix_ms === null) continue;
        const step = stepOfCode(control.keys.sealing, row, code, unixMs);
        if (step === undefined) continue;
        const isNew = await takeTotpStep(transaction, row.id, step, unixMs);
        return isNew ? { ok: true, userVerified: false } : { ok: false, reason: 'code-used' };
      }
      return { ok: false, reason: 'code-wrong' };
    });
  },
};
