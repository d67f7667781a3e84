/**
 * store: what control knows, in one schema and one set of queries for every dialect. Times are Unix milliseconds,
 * secrets are kept as SHA-256 only, except the keys that control must use.
 */

export { JoinedStore } from './joined-store.ts';
export { lineageOf, openPostgresStore, type PostgresOptions } from './open-postgres.ts';
export { openSqliteStore, type SqliteOptions } from './open-sqlite.ts';
export { isPostgresUrl, readPostgresUrl } from './postgres-url.ts';
export * from './queries/access.ts';
export * from './queries/audit.ts';
export * from './queries/audit-settings.ts';
export * from './queries/captures.ts';
export * from './queries/certificates.ts';
export * from './queries/client-authorities.ts';
export * from './queries/credentials.ts';
export * from './queries/devices.ts';
export * from './queries/diagnoses.ts';
export * from './queries/dns-providers.ts';
export * from './queries/domains.ts';
export * from './queries/factors.ts';
export * from './queries/health.ts';
export * from './queries/idempotency.ts';
export * from './queries/identities.ts';
export * from './queries/installation.ts';
export * from './queries/live.ts';
export * from './queries/mail.ts';
export * from './queries/members.ts';
export * from './queries/network.ts';
export * from './queries/nodes.ts';
export * from './queries/notices.ts';
export * from './queries/organisations.ts';
export * from './queries/own-certificates.ts';
export * from './queries/page.ts';
export * from './queries/people.ts';
export * from './queries/policies.ts';
export * from './queries/program-sign-ins.ts';
export * from './queries/published.ts';
export type * from './queries/published-memberships.ts';
export { PublishedPart, publishedPartOf } from './queries/published-part.ts';
export * from './queries/quick-tunnels.ts';
export * from './queries/quotas.ts';
export * from './queries/request-log.ts';
export * from './queries/request-log-settings.ts';
export * from './queries/resources.ts';
export * from './queries/roles.ts';
export * from './queries/sign-ins.ts';
export * from './queries/sorted.ts';
export * from './queries/sources.ts';
export * from './queries/tallies.ts';
export type * from './schema.ts';
export type * from './schema-of-audit.ts';
export type * from './schema-of-certificates.ts';
export type * from './schema-of-client-authorities.ts';
export type * from './schema-of-credentials.ts';
export type * from './schema-of-devices.ts';
export type * from './schema-of-diagnoses.ts';
export type * from './schema-of-domains.ts';
export type * from './schema-of-factors.ts';
export type * from './schema-of-health.ts';
export type * from './schema-of-idempotency.ts';
export type * from './schema-of-identities.ts';
export type * from './schema-of-live.ts';
export type * from './schema-of-mail.ts';
export type * from './schema-of-nodes.ts';
export type * from './schema-of-notices.ts';
export type * from './schema-of-organisations.ts';
export type * from './schema-of-policies.ts';
export type * from './schema-of-program-sign-ins.ts';
export type * from './schema-of-quick-tunnels.ts';
export type * from './schema-of-requests.ts';
export type * from './schema-of-sources.ts';
export {
  nextRevision,
  type Queries,
  Store,
  type StoreDialect,
  type StoreTransaction,
  type StoreWatch,
} from './store.ts';
export { StoreFailure, type StoreFailureCode } from './store-failure.ts';
export { forgetTouches, type Touch, type TouchCursor, touchCursor, touchesSince } from './touches.ts';
