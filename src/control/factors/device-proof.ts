import { type KeyChallengePurpose, openKeyChallenge } from '../../core/session/index.ts';
import { verifyDeviceSignature } from '../../io/factors/device-key.ts';
import { findKnownDevice, updateKnownDevice } from '../../io/store/index.ts';
import type { Control } from '../control.ts';
import { nodeKeys } from '../node-keys.ts';

/** What the browser of a known device sends along with a sign-in. */
export interface DeviceProof {
  readonly id: string;
  readonly signature: string;
  /** Token of the challenge that the page held. */
  readonly challenge: string;
}

/** The known device of a user that proved itself; undefined where it did not, which is no reason to refuse anybody. */
export async function judgeDevice(
  control: Control,
  userId: string,
  proof: DeviceProof | undefined,
  binding: { readonly purpose: KeyChallengePurpose; readonly browser: string; readonly within: string },
): Promise<string | undefined> {
  if (proof === undefined || proof.id === '') return undefined;
  const challenge = openKeyChallenge(proof.challenge, nodeKeys(control), binding, control.clock.unixMs());
  if (typeof challenge === 'string') return undefined;
  const row = await findKnownDevice(control.store.database, proof.id);
  if (!row || row.user_id !== userId) return undefined;
  if (!verifyDeviceSignature(row.public_key, challenge.nonce, proof.signature)) return undefined;
  await updateKnownDevice(control.store.database, row.id, { last_used_unix_ms: Math.round(control.clock.unixMs()) });
  return row.id;
}
