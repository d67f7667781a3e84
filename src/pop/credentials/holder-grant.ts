import type { CredentialRecord } from '../../core/link/index.ts';
import { type CodeGrant, MAXIMUM_SESSION_LIFETIME_MS } from '../../core/session/index.ts';

/** What whoever has given a credential's secret may have: a session that ends with it. */
export function holderGrant(record: CredentialRecord, nowUnixMs: number): CodeGrant {
  const { id, version, method, expiresUnixMs, pathPrefix } = record;
  return {
    subject: { kind: 'holder', credentialId: id },
    epoch: version,
    methods: [method],
    authenticatedAtUnixMs: nowUnixMs,
    parentExpiresAtUnixMs: Math.min(expiresUnixMs ?? Number.POSITIVE_INFINITY, nowUnixMs + MAXIMUM_SESSION_LIFETIME_MS),
    ...(pathPrefix !== undefined && { pathPrefix }),
  };
}
