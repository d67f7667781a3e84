import { z } from 'zod';
import { toBase64Url } from '../../base/index.ts';
import { formatJoinToken } from '../../core/link/index.ts';
import { certificateSha256 } from '../../io/certificates.ts';
import { hashSecret, newSecret } from '../../io/secrets.ts';
import { type EnrolmentTokensTable, insertEnrolmentToken, type StoreTransaction } from '../../io/store/index.ts';
import { change } from '../change.ts';
import { ENROLMENT_TOKEN_LIFETIME_MAX_MS, ENROLMENT_TOKEN_LIFETIME_MS } from '../constants.ts';
import type { Actor, Control } from '../control.ts';
import { newId } from '../ids.ts';
import { commandsFor } from '../install/join-commands.ts';
import { id, unixMs } from './schemas.ts';

/** What a new enrolment token looks like; it is shown this once, bare and as the one word that a new node needs. */
export const enrolmentToken = z.object({
  ...{ id, token: z.string(), joinToken: z.string(), expiresUnixMs: unixMs },
  commands: z
    .object({ npx: z.string(), docker: z.string(), systemd: z.string() })
    .optional()
    .describe('each is one paste for a machine without Manis; left out where control has no package to give'),
});
export const lifetimeMs = z
  .number()
  .int()
  .min(1000)
  .max(ENROLMENT_TOKEN_LIFETIME_MAX_MS)
  .default(ENROLMENT_TOKEN_LIFETIME_MS);

type Purpose = Pick<EnrolmentTokensTable, 'kind' | 'site_id' | 'name' | 'location_name' | 'latitude' | 'longitude'>;

/** A new token: its row, and what is shown of it this once. */
export function newEnrolmentToken(
  control: Control,
  purpose: Purpose,
  lifetime: number,
): { readonly row: EnrolmentTokensTable; readonly made: z.output<typeof enrolmentToken> } {
  const { clock, random } = control;
  const token = newSecret(purpose.kind === 'pop' ? 'mnp' : 'mnc', random);
  const nowUnixMs = Math.round(clock.unixMs());
  const joinToken = joinTokenOf(control, token);
  const made = { id: newId('enr', clock, random), token, joinToken, expiresUnixMs: nowUnixMs + lifetime };
  const row = {
    ...{ ...purpose, id: made.id, token_hash: hashSecret(token), created_unix_ms: nowUnixMs },
    ...{ expires_unix_ms: made.expiresUnixMs, used_unix_ms: null, used_by: null },
  };
  return { row, made };
}

/** Makes a one-time token. `check` refuses, in the same transaction, what it is not for. */
export async function makeEnrolmentToken(
  control: Control,
  actor: Actor,
  purpose: Purpose,
  lifetime: number,
  check: (transaction: StoreTransaction) => Promise<void>,
): Promise<z.output<typeof enrolmentToken>> {
  const { row, made } = newEnrolmentToken(control, purpose, lifetime);
  const commands = await commandsFor(control, purpose.kind, made.joinToken);
  return change(control, actor, async (transaction) => {
    await check(transaction);
    await insertEnrolmentToken(transaction, row);
    const detail = { kind: purpose.kind, siteId: purpose.site_id, name: purpose.name };
    return {
      value: { ...made, ...(commands && { commands }) },
      note: { action: 'enrolment-token.add', subject: made.id, detail },
    };
  });
}

/** The token with what a node must know to spend it: where, whose certificates to trust there, and whose answer. */
function joinTokenOf({ url, portalHost, publicPort, caPem, keys }: Control, secret: string): string {
  const portal = `https://${portalHost}${publicPort === 443 ? '' : `:${publicPort}`}`;
  return formatJoinToken({
    secret,
    urls: [url(), portal],
    caSha256: toBase64Url(certificateSha256(caPem())),
    rootKey: toBase64Url(keys.rootKey),
    publicPort,
  });
}
