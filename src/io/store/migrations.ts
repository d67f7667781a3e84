import { type Kysely, sql } from 'kysely';
import { addAudit } from './migration-of-audit.ts';
import { addBackends } from './migration-of-backends.ts';
import { addCaptures } from './migration-of-captures.ts';
import { addAcme, addProvedBy } from './migration-of-certificates.ts';
import { addClientAuthorities } from './migration-of-client-authorities.ts';
import { addCredentials } from './migration-of-credentials.ts';
import { addDevices } from './migration-of-devices.ts';
import { addDomains, addOwnCertificates, addTicketSecrets } from './migration-of-domains.ts';
import { addFactors, addMailedFactor } from './migration-of-factors.ts';
import { addHealth, addHealthOfDevices } from './migration-of-health.ts';
import { addHttpSettings } from './migration-of-http-settings.ts';
import { addIdempotencyKeys } from './migration-of-idempotency.ts';
import { addIdentities } from './migration-of-identities.ts';
import { addLive } from './migration-of-live.ts';
import { addMail } from './migration-of-mail.ts';
import { addNotices } from './migration-of-notices.ts';
import { addOrganisations } from './migration-of-organisations.ts';
import { addPolicies } from './migration-of-policies.ts';
import { addProgramSignIns } from './migration-of-program-sign-ins.ts';
import { addQuickTunnels } from './migration-of-quick-tunnels.ts';
import { addRequestLog } from './migration-of-requests.ts';
import { addSettingsOfNodes } from './migration-of-settings.ts';
import { addSorting } from './migration-of-sorting.ts';
import { addDiagnoses, addSources } from './migration-of-sources.ts';
import { addStreams } from './migration-of-streams.ts';
import { addTenancyBounds } from './migration-of-tenancy.ts';
import { addDraining, addSeveralControlNodes } from './migrations-of-nodes.ts';
import { table } from './table.ts';
import { addTouches } from './touches.ts';

/** One step of the schema. Its number is its place in the list, from 1; a step that was released never changes. */
export interface Migration {
  readonly name: string;
  up(database: Kysely<unknown>): Promise<void>;
}

async function addPeople(database: Kysely<unknown>): Promise<void> {
  await table(database, 'counters', { id: 'id', epoch: 'big', revision: 'big', revocation_sequence: 'big' });
  await sql`insert into counters (id, epoch, revision, revocation_sequence) values ('snapshot', 1, 0, 0)`.execute(
    database,
  );
  await table(database, 'organisation', {
    id: 'id',
    name: 'text',
    session_idle_ms: 'big',
    session_absolute_ms: 'big',
    staleness_ms: 'big',
    created_unix_ms: 'big',
  });
  await table(
    database,
    'users',
    {
      id: 'id',
      email: 'text',
      name: 'text',
      password_hash: 'text?',
      disabled: 'int',
      session_epoch: 'big',
      created_unix_ms: 'big',
    },
    { unique: [['email']] },
  );
  await table(database, 'roles', { id: 'id', name: 'text', created_unix_ms: 'big' }, { unique: [['name']] });
  await table(
    database,
    'user_roles',
    { user_id: 'text', role_id: 'text' },
    { primaryKey: ['user_id', 'role_id'], references: { user_id: 'users', role_id: 'roles' }, index: ['role_id'] },
  );
}

async function addAccess(database: Kysely<unknown>): Promise<void> {
  await table(
    database,
    'api_tokens',
    {
      id: 'id',
      token_hash: 'text',
      user_id: 'text',
      name: 'text',
      created_unix_ms: 'big',
      expires_unix_ms: 'big?',
      last_used_unix_ms: 'big?',
    },
    { unique: [['token_hash']], references: { user_id: 'users' }, index: ['user_id'] },
  );
  await table(
    database,
    'portal_sessions',
    {
      id: 'id',
      user_id: 'text',
      created_unix_ms: 'big',
      expires_unix_ms: 'big',
      client_address: 'text',
      user_agent: 'text',
      pop_id: 'text?',
      revoked_unix_ms: 'big?',
    },
    { references: { user_id: 'users' }, index: ['user_id', 'expires_unix_ms'] },
  );
  await table(
    database,
    'revocations',
    { sequence: 'big', entry: 'text', unix_ms: 'big', expires_unix_ms: 'big' },
    { primaryKey: ['sequence'] },
  );
  await table(
    database,
    'setup',
    { user_id: 'text', token_hash: 'text', created_unix_ms: 'big' },
    { primaryKey: ['user_id'], references: { user_id: 'users' } },
  );
  await table(
    database,
    'audit_events',
    {
      id: 'id',
      unix_ms: 'big',
      source: 'text',
      actor: 'text?',
      action: 'text',
      subject: 'text?',
      outcome: 'text',
      client_address: 'text',
      detail: 'text',
    },
    { index: ['unix_ms'] },
  );
}

async function addNetwork(database: Kysely<unknown>): Promise<void> {
  await table(database, 'sites', { id: 'id', name: 'text', created_unix_ms: 'big' }, { unique: [['name']] });
  await table(
    database,
    'connectors',
    {
      id: 'id',
      site_id: 'text',
      name: 'text',
      wireguard_key: 'text',
      overlay_address: 'text',
      created_unix_ms: 'big',
    },
    { unique: [['wireguard_key']], references: { site_id: 'sites' }, index: ['site_id'] },
  );
  await table(
    database,
    'resources',
    { id: 'id', name: 'text', host: 'text', enabled: 'int', policy: 'text', created_unix_ms: 'big' },
    { unique: [['host']] },
  );
  await table(
    database,
    'targets',
    {
      id: 'id',
      resource_id: 'text',
      site_id: 'text',
      overlay_port: 'int',
      scheme: 'text',
      host: 'text',
      port: 'int',
      host_header: 'text?',
      tls_server_name: 'text?',
      tls_verify: 'int',
      priority: 'int',
      weight: 'int',
      created_unix_ms: 'big',
    },
    {
      unique: [['site_id', 'overlay_port']],
      references: { resource_id: 'resources', site_id: 'sites' },
      index: ['resource_id'],
    },
  );
}

async function addNodes(database: Kysely<unknown>): Promise<void> {
  await table(
    database,
    'pops',
    {
      id: 'id',
      name: 'text',
      location_name: 'text',
      latitude: 'real',
      longitude: 'real',
      wireguard_key: 'text',
      overlay_address: 'text',
      signing_key: 'text',
      udp_endpoints: 'text',
      https_endpoints: 'text',
      created_unix_ms: 'big',
    },
    { unique: [['name'], ['wireguard_key'], ['signing_key']] },
  );
  await table(
    database,
    'enrolment_tokens',
    {
      id: 'id',
      token_hash: 'text',
      kind: 'text',
      site_id: 'text?',
      name: 'text?',
      location_name: 'text?',
      latitude: 'real?',
      longitude: 'real?',
      created_unix_ms: 'big',
      expires_unix_ms: 'big',
      used_unix_ms: 'big?',
      used_by: 'text?',
    },
    { unique: [['token_hash']], references: { site_id: 'sites' } },
  );
  await table(database, 'keys', {
    id: 'id',
    purpose: 'text',
    public_key: 'text',
    private_key: 'text',
    created_unix_ms: 'big',
  });
  await table(database, 'certificates', {
    id: 'id',
    hosts: 'text',
    chain_pem: 'text',
    key_pem: 'text',
    not_after_unix_ms: 'big',
  });
}

/** In order. Append only. */
export const MIGRATIONS: readonly Migration[] = [
  {
    name: 'people and access',
    async up(database) {
      await addPeople(database);
      await addAccess(database);
    },
  },
  {
    name: 'network',
    async up(database) {
      await addNetwork(database);
      await addNodes(database);
    },
  },
  { name: 'draining', up: addDraining },
  { name: 'several control nodes', up: addSeveralControlNodes },
  {
    name: 'a zone of its own',
    async up(database) {
      const changed = () => database.schema.alterTable('organisation');
      await changed().addColumn('dns_zone', 'text').execute();
      await changed()
        .addColumn('certificate_issuers', 'text', (column) => column.notNull().defaultTo('[]'))
        .execute();
    },
  },
  { name: 'health', up: addHealth },
  { name: 'devices', up: addDevices },
  { name: 'mail', up: addMail },
  { name: 'factors', up: addFactors },
  { name: 'credentials', up: addCredentials },
  { name: 'organisations', up: addOrganisations },
  { name: 'health of devices', up: addHealthOfDevices },
  { name: 'settings of control nodes', up: addSettingsOfNodes },
  { name: 'policies', up: addPolicies },
  { name: 'identities', up: addIdentities },
  { name: 'client authorities', up: addClientAuthorities },
  { name: 'audit', up: addAudit },
  { name: 'mailed factor', up: addMailedFactor },
  { name: 'backends', up: addBackends },
  { name: 'domains', up: addDomains },
  { name: 'http settings', up: addHttpSettings },
  { name: 'acme', up: addAcme },
  { name: 'ticket secrets', up: addTicketSecrets },
  { name: 'bounds of organisations', up: addTenancyBounds },
  { name: 'streams', up: addStreams },
  { name: 'acme: how names were proved', up: addProvedBy },
  { name: 'own certificates', up: addOwnCertificates },
  { name: 'sources', up: addSources },
  { name: 'quick tunnels', up: addQuickTunnels },
  { name: 'request log', up: addRequestLog },
  { name: 'program sign-ins', up: addProgramSignIns },
  { name: 'live', up: addLive },
  { name: 'notices', up: addNotices },
  { name: 'idempotency keys', up: addIdempotencyKeys },
  { name: 'sorting', up: addSorting },
  { name: 'diagnoses', up: addDiagnoses },
  { name: 'captures', up: addCaptures },
  { name: 'touches', up: addTouches },
];
