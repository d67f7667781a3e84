import { type Kysely, sql } from 'kysely';
import { isPostgres } from './dialect.ts';
import { table } from './table.ts';

/** Tables whose rows belong to the organisation of what they are part of. */
const PARTS = ['connectors', 'devices', 'resources', 'targets'] as const;

/**
 * Several organisations in one installation. What is there belongs to the one that there was; its administrators become
 * owners of it and administrators of the installation. Roles that happen to be called like a built-in one stay what they
 * were: policies and people may rely on the name.
 */
export async function addOrganisations(database: Kysely<unknown>): Promise<void> {
  await database.schema.alterTable('organisation').renameTo('organisations').execute();
  await addColumn(database, 'organisations', 'domains', '[]');
  const first = sql`coalesce((select min(id) from organisations), '')`;
  for (const name of PARTS) {
    await addColumn(database, name, 'organisation_id', '');
    await sql`update ${sql.table(name)} set organisation_id = ${first}`.execute(database);
    await database.schema.createIndex(`${name}_by_organisation_id`).on(name).column('organisation_id').execute();
  }
  await namesPerOrganisation(database, 'sites', {
    id: 'id',
    organisation_id: 'text',
    name: 'text',
    created_unix_ms: 'big',
  });
  await namesPerOrganisation(database, 'roles', {
    id: 'id',
    organisation_id: 'text',
    name: 'text',
    created_unix_ms: 'big',
  });
  await database.schema.alterTable('roles').addColumn('built_in', 'text').execute();
  await addColumn(database, 'roles', 'permissions', '[]');
  await addMembers(database);
  await addKeysAndInvitations(database);
  await database.schema.alterTable('audit_events').addColumn('organisation_id', 'text').execute();
  await sql`update audit_events set organisation_id = (select min(id) from organisations)`.execute(database);
  await sql`create index audit_events_by_organisation on audit_events (organisation_id, id)`.execute(database);
  await makeAdministratorsOwners(database);
}

async function addColumn(database: Kysely<unknown>, name: string, column: string, value: string): Promise<void> {
  const changed = database.schema.alterTable(name);
  const type = isPostgres(database) ? sql`text collate "C"` : 'text';
  await changed.addColumn(column, type, (definition) => definition.notNull().defaultTo(value)).execute();
}

/** Names were unique in all; SQLite can only be told otherwise by a table that is made anew. */
async function namesPerOrganisation(
  database: Kysely<unknown>,
  name: 'sites' | 'roles',
  columns: Parameters<typeof table>[2],
): Promise<void> {
  const first = sql`coalesce((select min(id) from organisations), '')`;
  const unique = ['name', 'organisation_id'] as const;
  if (isPostgres(database)) {
    await addColumn(database, name, 'organisation_id', '');
    await sql`update ${sql.table(name)} set organisation_id = ${first}`.execute(database);
    const changed = () => database.schema.alterTable(name);
    await changed().dropConstraint(`${name}_name`).execute();
    await changed()
      .addUniqueConstraint(`${name}_${unique.join('_')}`, [...unique] as never[])
      .execute();
    return;
  }
  await table(database, `${name}_anew`, columns, { unique: [unique] });
  await sql`insert into ${sql.table(`${name}_anew`)} (id, organisation_id, name, created_unix_ms)
    select id, ${first}, name, created_unix_ms from ${sql.table(name)}`.execute(database);
  await database.schema.dropTable(name).execute();
  await database.schema.alterTable(`${name}_anew`).renameTo(name).execute();
}

async function addMembers(database: Kysely<unknown>): Promise<void> {
  const changed = database.schema.alterTable('users');
  await changed.addColumn('installation_admin', 'integer', (column) => column.notNull().defaultTo(0)).execute();
  const both = { organisation_id: 'organisations', user_id: 'users' };
  await table(
    database,
    'memberships',
    { organisation_id: 'text', user_id: 'text', created_unix_ms: 'big' },
    { primaryKey: ['organisation_id', 'user_id'], references: both, index: ['user_id'] },
  );
  await sql`insert into memberships (organisation_id, user_id, created_unix_ms)
    select organisations.id, users.id, users.created_unix_ms from users, organisations`.execute(database);
  await table(
    database,
    'user_groups',
    { id: 'id', organisation_id: 'text', name: 'text', created_unix_ms: 'big' },
    { unique: [['name', 'organisation_id']], references: { organisation_id: 'organisations' } },
  );
  await table(
    database,
    'group_members',
    { group_id: 'text', user_id: 'text' },
    {
      primaryKey: ['group_id', 'user_id'],
      references: { group_id: 'user_groups', user_id: 'users' },
      index: ['user_id'],
    },
  );
  await table(
    database,
    'group_roles',
    { group_id: 'text', role_id: 'text' },
    {
      primaryKey: ['group_id', 'role_id'],
      references: { group_id: 'user_groups', role_id: 'roles' },
      index: ['role_id'],
    },
  );
}

async function addKeysAndInvitations(database: Kysely<unknown>): Promise<void> {
  await table(
    database,
    'invitations',
    {
      id: 'id',
      organisation_id: 'text',
      token_hash: 'text',
      email: 'text',
      role_ids: 'text',
      group_ids: 'text',
      invited_by: 'text?',
      created_unix_ms: 'big',
      expires_unix_ms: 'big',
      accepted_unix_ms: 'big?',
      accepted_by: 'text?',
    },
    { unique: [['token_hash']], references: { organisation_id: 'organisations' }, index: ['organisation_id'] },
  );
  await table(
    database,
    'api_keys',
    {
      id: 'id',
      organisation_id: 'text',
      user_id: 'text?',
      name: 'text',
      key_hash: 'text',
      start: 'text',
      scopes: 'text',
      resource_ids: 'text?',
      created_by: 'text?',
      created_unix_ms: 'big',
      expires_unix_ms: 'big?',
      last_used_unix_ms: 'big?',
    },
    {
      unique: [['key_hash']],
      references: { organisation_id: 'organisations', user_id: 'users' },
      index: ['organisation_id', 'user_id'],
    },
  );
}

async function makeAdministratorsOwners(database: Kysely<unknown>): Promise<void> {
  const run = (statement: ReturnType<typeof sql>) => statement.execute(database);
  await run(sql`update roles set built_in = 'admin' where name = 'admin'`);
  await run(sql`update users set installation_admin = 1 where id in
    (select user_roles.user_id from user_roles join roles on roles.id = user_roles.role_id where roles.built_in = 'admin')`);
  for (const name of ['owner', 'member'])
    await run(sql`insert into roles (id, organisation_id, name, created_unix_ms, built_in)
      select 'rol_' || ${name} || '_' || id, id,
        case when exists (select 1 from roles where name = ${name}) then 'organisation-' || ${name} else ${name} end,
        created_unix_ms, ${name} from organisations`);
  await run(sql`insert into user_roles (user_id, role_id)
    select users.id, roles.id from users, roles where users.installation_admin = 1 and roles.built_in = 'owner'`);
}
