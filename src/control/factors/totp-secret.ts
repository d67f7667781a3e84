import { totpStepOf } from '../../io/factors/totp.ts';
import type { TotpKeysTable } from '../../io/store/index.ts';
import type { StoreSealing } from '../../io/store-sealing.ts';

/** The secret of an authenticator as its row keeps it. */
export function sealTotpSecret(sealing: StoreSealing, id: string, secret: string): string {
  return sealing.seal(secret, placeOf(id));
}

/** The secret; undefined where it was not sealed for this row of this installation. */
export function openTotpSecret(
  sealing: StoreSealing,
  { id, secret }: Pick<TotpKeysTable, 'id' | 'secret'>,
): string | undefined {
  return sealing.unseal(secret, placeOf(id));
}

/** The time step that a code of this authenticator is for; undefined for a code that is not right now. */
export function stepOfCode(
  sealing: StoreSealing,
  row: Pick<TotpKeysTable, 'id' | 'secret'>,
  code: string,
  unixMs: number,
): number | undefined {
  const secret = openTotpSecret(sealing, row);
  return secret === undefined ? undefined : totpStepOf(secret, code, unixMs);
}

function placeOf(id: string): string {
  return `totp ${id}`;
}
