/** What every dialect of the store must do about organisations: who is in which, and what was there before there were several. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Kysely } from 'kysely';
import {
  addGroupMember,
  countEnabledWithBuiltIn,
  deleteMembership,
  deleteOrganisation,
  effectiveRoles,
  findMember,
  findSite,
  findUserByEmail,
  firstOrganisation,
  insertGroup,
  insertOrganisation,
  insertRole,
  insertSite,
  insertUser,
  isSoleMember,
  listAuditEvents,
  listMembers,
  membershipsOf,
  putMembership,
  readPublishedRows,
  type Store,
  setGroupRoles,
  setUserRoles,
  type Tables,
  type UsersTable,
  updateUser,
} from '../io/store/index.ts';
import { migrateWithin, withTablesMadeAnew } from '../io/store/migrate.ts';
import { MIGRATIONS } from '../io/store/migrations.ts';
import { organisationRow, type StoreTest } from './store-rows.ts';

const user = (id: string): UsersTable => ({
  ...{ id, email: `${id}@Example.ORG`, name: id, password_hash: null, disabled: 0, session_epoch: 1 },
  ...{ created_unix_ms: 1, installation_admin: 0 },
});
const role = (id: string, organisation_id: string, name: string) => ({
  ...{ id, organisation_id, name, created_unix_ms: 1, permissions: '[]' },
  built_in: name === 'owner' ? ('owner' as const) : null,
});

async function fill(store: Store): Promise<void> {
  await store.transaction(async (transaction) => {
    for (const id of ['org_1', 'org_2']) await insertOrganisation(transaction, organisationRow(id));
    for (const id of ['usr_1', 'usr_2']) await insertUser(transaction, user(id));
    for (const [user_id, organisation_id] of [
      ['usr_1', 'org_1'],
      ['usr_1', 'org_2'],
      ['usr_2', 'org_1'],
    ] as const)
      await putMembership(transaction, { user_id, organisation_id, created_unix_ms: 1 });
    for (const name of ['owner', 'staff', 'night']) await insertRole(transaction, role(`rol_1_${name}`, 'org_1', name));
    await insertRole(transaction, role('rol_2_staff', 'org_2', 'staff'));
    await insertGroup(transaction, { id: 'grp_1', organisation_id: 'org_1', name: 'crew', created_unix_ms: 1 });
    await setGroupRoles(transaction, 'grp_1', ['rol_1_night', 'rol_1_staff']);
  });
}

/** Added to the suite of the store. */
export function organisationTests(storeTest: StoreTest): void {
  storeTest('a user is somebody else in each organisation, and nobody where they are no member', async (store) => {
    await fill(store);
    const db = store.database;
    await store.transaction(async (transaction) => {
      const unknown = await setUserRoles(transaction, 'org_1', 'usr_1', ['staff', 'owner', 'staff', 'none']);
      assert.deepEqual(unknown, ['none']);
      await setUserRoles(transaction, 'org_2', 'usr_1', ['staff']);
      await addGroupMember(transaction, 'grp_1', 'usr_2');
    });
    const one = await findMember(db, 'org_1', 'usr_1');
    assert.deepEqual([one?.email, one?.roles, one?.groups], ['usr_1@example.org', ['owner', 'staff'], []]);
    assert.deepEqual((await findMember(db, 'org_2', 'usr_1'))?.roles, ['staff']);
    assert.equal(await findMember(db, 'org_2', 'usr_2'), undefined);
    assert.equal((await findUserByEmail(db, 'USR_1@example.org'))?.id, 'usr_1');
    const through = (await effectiveRoles(db, 'org_1', 'usr_2')).map(({ name }) => name);
    assert.deepEqual(through, ['night', 'staff'], 'the roles of a group are those of its members');
    assert.deepEqual(await effectiveRoles(db, 'org_2', 'usr_2'), []);
    assert.deepEqual(
      (await listMembers(db, 'org_1', {})).rows.map(({ id }) => id),
      ['usr_1', 'usr_2'],
    );
    assert.equal(await countEnabledWithBuiltIn(db, 'org_1', 'owner'), 1);
    await store.transaction((transaction) => updateUser(transaction, 'usr_1', { disabled: 1 }));
    assert.equal(await countEnabledWithBuiltIn(db, 'org_1', 'owner'), 0);
    assert.deepEqual(
      [await isSoleMember(db, 'org_1', 'usr_1'), await isSoleMember(db, 'org_1', 'usr_2')],
      [false, true],
    );
    const published = (await readPublishedRows(store)).memberships;
    assert.deepEqual(published, [
      { userId: 'usr_1', organisationId: 'org_1', roles: ['owner', 'staff'], groups: [] },
      { userId: 'usr_1', organisationId: 'org_2', roles: ['staff'], groups: [] },
      { userId: 'usr_2', organisationId: 'org_1', roles: ['night', 'staff'], groups: ['crew'] },
    ]);
  });

  storeTest('a membership that ends takes its roles and groups along, and no others', async (store) => {
    await fill(store);
    const db = store.database;
    await store.transaction(async (transaction) => {
      await setUserRoles(transaction, 'org_1', 'usr_1', ['staff']);
      await setUserRoles(transaction, 'org_2', 'usr_1', ['staff']);
      await addGroupMember(transaction, 'grp_1', 'usr_1');
      assert.ok(await deleteMembership(transaction, 'org_1', 'usr_1'));
      assert.ok(!(await deleteMembership(transaction, 'org_1', 'usr_1')));
    });
    assert.deepEqual(await effectiveRoles(db, 'org_1', 'usr_1'), []);
    assert.deepEqual((await findMember(db, 'org_2', 'usr_1'))?.roles, ['staff']);
    await store.transaction((transaction) => deleteOrganisation(transaction, 'org_2'));
    assert.deepEqual(await membershipsOf(db, 'usr_1'), []);
    assert.equal((await firstOrganisation(db))?.id, 'org_1');
  });

  storeTest('two organisations may use one name, and neither finds what is the other’s', async (store) => {
    await fill(store);
    const site = (id: string, organisation_id: string) => ({ id, organisation_id, name: 'office', created_unix_ms: 1 });
    await store.transaction(async (transaction) => {
      await insertSite(transaction, site('sit_1', 'org_1'));
      await insertSite(transaction, site('sit_2', 'org_2'));
    });
    assert.equal((await findSite(store.database, 'org_1', 'sit_1'))?.name, 'office');
    assert.equal(await findSite(store.database, 'org_2', 'sit_1'), undefined);
    await assert.rejects(
      store.transaction((transaction) => insertSite(transaction, site('sit_3', 'org_1'))),
      { code: 'store-conflict', constraint: 'sites.name' },
    );
  });
}

/** `openEmpty` gives a database in which nothing is. */
export function runOrganisationsMigration(
  dialect: string,
  openEmpty: () => Promise<{ readonly database: Kysely<Tables>; readonly close: () => Promise<void> }>,
): void {
  test(`${dialect}: a store of before belongs to its one organisation afterwards, whole`, async () => {
    const { database, close } = await openEmpty();
    const before = MIGRATIONS.findIndex(({ name }) => name === 'organisations');
    await database.transaction().execute((transaction) => migrateWithin(transaction, 1, before));
    await fillOld(database);
    await withTablesMadeAnew(database, (transaction) => migrateWithin(transaction, 2));
    const db = database;
    assert.deepEqual((await findMember(db, 'org_1', 'usr_1'))?.roles, ['admin', 'organisation-owner', 'owner']);
    assert.deepEqual(
      (await findMember(db, 'org_1', 'usr_2'))?.roles,
      ['owner'],
      'a role of that name stays what it was',
    );
    const builtIn = await db.selectFrom('roles').select(['name', 'built_in']).orderBy('name').execute();
    assert.deepEqual(
      builtIn.map(({ name, built_in }) => [name, built_in]),
      [
        ['admin', 'admin'],
        ['member', 'member'],
        ['organisation-owner', 'owner'],
        ['owner', null],
      ],
    );
    assert.equal(await countEnabledWithBuiltIn(db, 'org_1', 'owner'), 1);
    const admins = await db.selectFrom('users').select(['id', 'installation_admin']).orderBy('id').execute();
    assert.deepEqual(
      admins.map(({ installation_admin }) => installation_admin),
      [1, 0],
    );
    for (const part of ['sites', 'connectors', 'devices', 'resources', 'targets'] as const) {
      const rows = await db.selectFrom(part).select('organisation_id').execute();
      assert.deepEqual([part, ...rows.map(({ organisation_id }) => organisation_id)], [part, 'org_1']);
    }
    assert.equal((await listAuditEvents(db, 'org_1', false, {})).rows.length, 1);
    await assert.rejects(
      db
        .insertInto('connectors')
        .values({ ...CONNECTOR, id: 'x', wireguard_key: 'x', site_id: 'none', organisation_id: 'org_1' })
        .execute(),
      { code: 'store-reference' },
      'references are kept as before',
    );
    await db.deleteFrom('targets').execute();
    await db.deleteFrom('sites').execute();
    assert.deepEqual(await db.selectFrom('connectors').select('id').execute(), [], 'a site takes its connectors along');
    await close();
  });
}

const CONNECTOR = {
  ...{ id: 'con_1', site_id: 'sit_1', name: 'c', wireguard_key: 'c', overlay_address: 'a', created_unix_ms: 1 },
  draining: 0 as const,
};

/** Rows as they were when there was one organisation. */
async function fillOld(database: Kysely<Tables>): Promise<void> {
  const old = (table: string, row: object) =>
    database
      .insertInto(table as 'sites')
      .values(row as never)
      .execute();
  const { domains: _domains, ...row } = organisationRow('org_1');
  await old('organisation', row);
  for (const id of ['usr_1', 'usr_2']) {
    const { installation_admin: _admin, ...account } = user(id);
    await old('users', account);
  }
  for (const name of ['admin', 'owner']) await old('roles', { id: `rol_${name}`, name, created_unix_ms: 1 });
  for (const [user_id, role_id] of [
    ['usr_1', 'rol_admin'],
    ['usr_1', 'rol_owner'],
    ['usr_2', 'rol_owner'],
  ])
    await old('user_roles', { user_id, role_id });
  await old('sites', { id: 'sit_1', name: 'office', created_unix_ms: 1 });
  await old('connectors', CONNECTOR);
  const device = { id: 'dev_1', site_id: 'sit_1', name: 'd', wireguard_key: 'd', ipv4_address: '100.96.0.1' };
  await old('devices', { ...device, pop_id: null, created_unix_ms: 1 });
  await old('resources', { id: 'res_1', name: 'r', host: 'r.example', enabled: 1, policy: '{}', created_unix_ms: 1 });
  const place = { resource_id: 'res_1', site_id: 'sit_1', overlay_port: 1024, scheme: 'http', host: 'h', port: 80 };
  const settings = { host_header: null, tls_server_name: null, tls_verify: 1, priority: 0, weight: 1 };
  await old('targets', { id: 'tgt_1', ...place, ...settings, created_unix_ms: 1 });
  const event = {
    id: 'aud_1',
    unix_ms: 1,
    source: 'control',
    actor: null,
    action: 'a',
    subject: null,
    outcome: 'done',
  };
  await old('audit_events', { ...event, client_address: '', detail: '{}' });
}
