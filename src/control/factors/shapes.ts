import { z } from 'zod';
import { PASSKEY_ANSWER_MAX_CHARS } from '../../io/factors/constants.ts';
import { name } from '../api/schemas.ts';

export const token = z.string().max(4096);
/** What a passkey said, as JSON. */
export const answer = z.string().max(PASSKEY_ANSWER_MAX_CHARS);
const id = z.string().min(1).max(128);
const label = name.optional().transform((text) => text ?? '');

/** A known device's word beside a sign-in. */
export const deviceProof = z.object({ id: z.string().max(64), signature: z.string().max(128), challenge: token });

/** What somebody changes of what they sign in with. */
export const ownChange = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('totp-begin') }),
  z.object({ kind: z.literal('totp-confirm'), code: z.string().max(64), name: label }),
  z.object({ kind: z.literal('totp-remove'), id }),
  z.object({ kind: z.literal('recovery-codes') }),
  z.object({ kind: z.literal('passkey-add'), passkey: answer, challenge: token, name: label }),
  z.object({ kind: z.literal('passkey-rename'), id, name }),
  z.object({ kind: z.literal('passkey-remove'), id }),
  z.object({ kind: z.literal('forget-browsers'), id: id.optional() }),
  z.object({ kind: z.literal('password'), current: z.string().max(1024), next: z.string().max(1024) }),
  z.object({ kind: z.literal('end-session'), id }),
  z.object({ kind: z.literal('end-other-sessions') }),
  z.object({
    kind: z.literal('device-add'),
    publicKey: z.string().max(256),
    signature: z.string().max(128),
    challenge: token,
    name: label,
  }),
  z.object({ kind: z.literal('device-remove'), id }),
]);
