import type {
  CertificatesTable,
  ConnectorsTable,
  CountersTable,
  OrganisationTable,
  PopsTable,
  ResourcesTable,
  SitesTable,
  TargetsTable,
  UsersTable,
} from '../schema.ts';
import type { Store } from '../store.ts';
import { rolesOf } from './people.ts';

/** Everything that snapshots are made of, at one revision. */
export interface PublishedRows {
  readonly counters: CountersTable;
  readonly organisation: OrganisationTable;
  readonly sites: readonly SitesTable[];
  readonly connectors: readonly ConnectorsTable[];
  readonly pops: readonly PopsTable[];
  readonly resources: readonly ResourcesTable[];
  readonly targets: readonly TargetsTable[];
  readonly users: readonly Omit<UsersTable, 'password_hash'>[];
  readonly roles: ReadonlyMap<string, readonly string[]>;
  readonly certificates: readonly CertificatesTable[];
}

export function readPublishedRows(store: Store): Promise<PublishedRows> {
  return store.read(async (transaction) => ({
    counters: await transaction.selectFrom('counters').selectAll().executeTakeFirstOrThrow(),
    organisation: await transaction.selectFrom('organisation').selectAll().executeTakeFirstOrThrow(),
    sites: await transaction.selectFrom('sites').selectAll().orderBy('id').execute(),
    connectors: await transaction.selectFrom('connectors').selectAll().orderBy('id').execute(),
    pops: await transaction.selectFrom('pops').selectAll().orderBy('id').execute(),
    resources: await transaction.selectFrom('resources').selectAll().orderBy('id').execute(),
    targets: await transaction.selectFrom('targets').selectAll().orderBy('id').execute(),
    users: await transaction
      .selectFrom('users')
      .select(['id', 'email', 'name', 'disabled', 'session_epoch', 'created_unix_ms'])
      .orderBy('id')
      .execute(),
    roles: await rolesOf(transaction),
    certificates: await transaction.selectFrom('certificates').selectAll().orderBy('id').execute(),
  }));
}
