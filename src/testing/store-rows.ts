/** Rows for suites of the store: whole and in order, so that a test says no more than what it is about. */
import type { AuditEventsTable, OrganisationsTable, ResourcesTable, Store } from '../io/store/index.ts';

/** Registers a test that is run against every dialect. */
export type StoreTest = (name: string, body: (store: Store) => Promise<void>) => void;

export function organisationRow(id: string, change: Partial<OrganisationsTable> = {}): OrganisationsTable {
  return {
    ...{ id, name: id, session_idle_ms: 1, session_absolute_ms: 2, staleness_ms: 3, created_unix_ms: 1 },
    ...{ dns_zone: null, certificate_issuers: '[]', domains: '[]' },
    ...change,
  };
}

export function resourceRow(id: string, change: Partial<ResourcesTable> = {}): ResourcesTable {
  return {
    ...{ id, organisation_id: 'org_1', name: id, host: `${id}.example.org`, enabled: 1, policy: '{"rules":[]}' },
    ...{ balancing: 'least-latency', sticky: 'none', panic_threshold: 0.5, provider_id: null, http_settings: null },
    ...{ kind: 'http', listen: null, proxy_protocol: null, created_unix_ms: 1 },
    ...change,
  };
}

export function auditRow(id: string, change: Partial<AuditEventsTable> = {}): AuditEventsTable {
  return {
    ...{ id, unix_ms: 1, source: 'pop_1', actor: null, action: 'request', subject: null, outcome: 'done' },
    ...{ client_address: '::1', detail: '{}', organisation_id: null },
    ...change,
  };
}
