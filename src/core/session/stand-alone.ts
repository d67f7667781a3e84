import type { ResourceClaims, SessionLifetimes } from './claims.ts';
import { type CodeAudience, type CodeGrant, factsOf, newId } from './code.ts';
import type { SessionCrypto } from './crypto.ts';
import { endOf } from './renewal.ts';

/** A session with a resource that begins on its own host, without the portal: it is its own parent. */
export function beginStandAlone(
  crypto: SessionCrypto,
  grant: CodeGrant,
  { resourceId, host }: CodeAudience,
  lifetimes: SessionLifetimes,
  nowUnixMs: number,
): ResourceClaims {
  const id = newId(crypto);
  const expiresAtUnixMs = endOf(nowUnixMs, lifetimes, grant.parentExpiresAtUnixMs);
  return {
    kind: 'resource',
    id,
    subject: grant.subject,
    epoch: grant.epoch,
    methods: grant.methods,
    authenticatedAtUnixMs: grant.authenticatedAtUnixMs,
    startedAtUnixMs: nowUnixMs,
    issuedAtUnixMs: nowUnixMs,
    expiresAtUnixMs,
    idleExpiresAtUnixMs: Math.min(nowUnixMs + lifetimes.idleMs, expiresAtUnixMs),
    host,
    resourceId,
    parentId: id,
    ...factsOf(grant),
  };
}
