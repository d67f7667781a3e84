import {
  countRecoveryCodes,
  knownDevicesOf,
  listLiveSessions,
  passkeysOf,
  rememberedBrowsersOf,
  totpKeysOf,
} from '../../io/store/index.ts';
import type { OwnSession } from './asker.ts';
import { MY_SESSIONS_MAX } from './constants.ts';
import { canProve, factorsOf } from './methods.ts';
import { mfaRulesOf } from './settings.ts';

/** Everything that the "my security" page shows to its owner. */
export async function readSecurity({ visit, live }: OwnSession) {
  const { control, user } = visit;
  const { claims } = live;
  const { store, clock } = control;
  const queries = store.database;
  const unixMs = Math.round(clock.unixMs());
  const rules = await mfaRulesOf(queries, user, visit.reach);
  const offered = await factorsOf(control, user, claims.methods);
  const sessions = await listLiveSessions(queries, unixMs, [user.id], { limit: MY_SESSIONS_MAX }, user.id);
  return {
    email: user.email,
    hasPassword: user.password_hash !== null,
    factorDueUnixMs: canProve(offered) ? null : (rules.dueUnixMs ?? null),
    rememberMs: rules.rememberMs,
    authenticators: (await totpKeysOf(queries, user.id))
      .filter((row) => row.confirmed_unix_ms !== null)
      .map(({ id, name, created_unix_ms, last_used_unix_ms }) => ({
        ...{ id, name, createdUnixMs: created_unix_ms, lastUsedUnixMs: last_used_unix_ms },
      })),
    passkeys: (await passkeysOf(queries, user.id)).map((row) => ({
      ...{ id: row.id, name: row.name, credentialId: row.credential_id, backedUp: row.backed_up === 1 },
      ...{ createdUnixMs: row.created_unix_ms, lastUsedUnixMs: row.last_used_unix_ms },
    })),
    recoveryCodes: await countRecoveryCodes(queries, user.id),
    browsers: (await rememberedBrowsersOf(queries, user.id, unixMs)).map((row) => ({
      ...{ id: row.id, userAgent: row.user_agent, clientAddress: row.client_address },
      ...{ lastUsedUnixMs: row.last_used_unix_ms, expiresUnixMs: row.expires_unix_ms },
    })),
    devices: (await knownDevicesOf(queries, user.id)).map((row) => ({
      ...{ id: row.id, name: row.name, approved: row.approved_unix_ms !== null },
      ...{ createdUnixMs: row.created_unix_ms, lastUsedUnixMs: row.last_used_unix_ms },
    })),
    sessions: sessions.rows.map((row) => ({
      ...{ id: row.id, userAgent: row.user_agent, clientAddress: row.client_address, popId: row.pop_id },
      ...{ createdUnixMs: row.created_unix_ms, expiresUnixMs: row.expires_unix_ms, isThis: row.id === claims.id },
    })),
  };
}
