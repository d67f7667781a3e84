// biome-ignore-all lint/suspicious/noThenProperty: a rule is written when and then; it is an object, so nothing awaits it
/** Edits at random of every table that snapshots are made of, for tests of what is published. */
import { toBase64 } from '../base/index.ts';
import type { CertificateOrdersTable, OrganisationsTable, StoreTransaction } from '../io/store/index.ts';
import type { TouchedTable } from '../io/store/touch-rules.ts';
import type { StoreSealing } from '../io/store-sealing.ts';
import type { SeededRandom } from './seeded-random.ts';
import { organisationRow, resourceRow } from './store-rows.ts';

export type EditedTable = TouchedTable;

export interface Edit {
  /** For people. */
  readonly says: string;
  readonly run: (transaction: StoreTransaction) => Promise<void>;
}

type Row = Readonly<Record<string, string | number | null>>;

interface EditRule {
  readonly key: readonly string[];
  readonly row: (random: SeededRandom, sealing: StoreSealing) => Row;
}

const POLICY = '{"rules":[]}';
const denying = (name: string) =>
  JSON.stringify({ rules: [{ id: 'r', name, enabled: true, when: { all: [] }, then: { kind: 'deny' } }] });

/** Few of each, so that they meet. */
const n = (random: SeededRandom, most = 3): number => random.integer(1, most);
const id = (random: SeededRandom, prefix: string): string => `${prefix}_${n(random)}`;
const organisation = (random: SeededRandom): string => random.pick(['org_1', 'org_1', 'org_2']);
const key = (random: SeededRandom): string => toBase64(random.bytes(32));
const flag = (random: SeededRandom): number => random.integer(0, 1);

export function organisationEdited(): OrganisationsTable {
  return organisationRow('org_1', { staleness_ms: 3_600_000 });
}

/** What challenges belong to. */
export function ordersEdited(): CertificateOrdersTable[] {
  return [1, 2, 3].map((number) => ({
    ...{ id: `app-${number}.example.org`, wish: '{}', phase: 'waiting', directory_url: '', order_url: null },
    ...{ key_pem: null, published_epoch: null, published_revision: null, started_unix_ms: null, next_unix_ms: 1 },
    ...{ renew_unix_ms: 1, renewal: null, failures: 0, proved_by: null, error_code: null, error_text: null },
    error_unix_ms: null,
  }));
}

const named = (random: SeededRandom, prefix: string) => {
  const own = id(random, prefix);
  return { id: own, organisation_id: organisation(random), name: `${own} ${n(random)}`, created_unix_ms: 1 };
};

const provider = JSON.stringify({
  ...{ preset: 'generic', label: 'x', issuer: 'https://id.example.com', scopes: ['openid'], allowPrivate: false },
  ...{ userInfo: false, emailTrust: 'claim', domains: [], linkDomains: [], provisioning: 'never', defaultRoles: [] },
  ...{ mapping: {}, mfaValues: [], signOut: false, automatic: false },
});

const RULES: Readonly<Record<EditedTable, EditRule>> = {
  organisations: {
    key: ['id'],
    row: (random) =>
      ({ ...organisationRow(organisation(random), { staleness_ms: 3_600_000 }), name: `o ${n(random)}` }) as never,
  },
  control_nodes: {
    key: ['id'],
    row: (random) => ({
      ...{ id: id(random, 'ctl'), signing_key: key(random), url: `https://c${n(random)}`, software: 's' },
      ...{ started_unix_ms: 1, seen_unix_ms: 1, portal_host: '', public_port: 0 },
    }),
  },
  pops: {
    key: ['id'],
    row: (random) => {
      const own = id(random, 'pop');
      return {
        ...{ id: own, name: own, location_name: 'x', latitude: 1, longitude: n(random), wireguard_key: key(random) },
        ...{ overlay_address: `fd00::${own.slice(-1)}`, signing_key: key(random), udp_endpoints: '[]' },
        ...{ https_endpoints: '[]', created_unix_ms: 1, draining: flag(random) },
      };
    },
  },
  sites: {
    key: ['id'],
    row: (random) => ({ ...named(random, 'sit'), publishing: random.pick([null, '{"hosts":["a"]}']) }),
  },
  site_grants: {
    key: ['site_id'],
    row: (random) => ({ site_id: id(random, 'sit'), digest: 'x', document: GRANT, epoch: 0, revision: 0 }),
  },
  connectors: {
    key: ['id'],
    row: (random) => ({
      ...named(random, 'con'),
      ...{ site_id: id(random, 'sit'), wireguard_key: key(random), overlay_address: `fd01::${n(random, 99)}` },
      draining: flag(random),
    }),
  },
  connector_diagnoses: {
    key: ['connector_id'],
    row: (random) => ({
      ...{ connector_id: id(random, 'con'), organisation_id: 'org_1', asked: random.integer(0, 3), diagnosis: null },
      taken_unix_ms: null,
    }),
  },
  devices: {
    key: ['id'],
    row: (random) => ({
      ...named(random, 'dev'),
      ...{ site_id: id(random, 'sit'), wireguard_key: key(random), ipv4_address: `100.64.0.${n(random, 99)}` },
      pop_id: random.pick([null, id(random, 'pop')]),
    }),
  },
  resources: {
    key: ['id'],
    row: (random) => {
      const own = id(random, 'res');
      const listen = random.pick([null, null, '{"transport":"tcp","first":9000,"last":9001}']);
      const row = resourceRow(own, { name: `${own} ${n(random)}`, policy: denying(`r ${n(random)}`) });
      const kind = listen === null ? random.pick(['http', 'access']) : 'tcp';
      return { ...row, organisation_id: organisation(random), enabled: flag(random), kind, listen } as never;
    },
  },
  targets: {
    key: ['id'],
    row: (random) => ({
      ...{
        id: id(random, 'tgt'),
        organisation_id: 'org_1',
        resource_id: id(random, 'res'),
        site_id: id(random, 'sit'),
      },
      ...{ overlay_port: 1024 + n(random, 50), port_count: 1, scheme: 'http', host: `10.0.0.${n(random)}`, port: 80 },
      ...{ host_header: null, tls_server_name: null, tls_verify: 1, priority: 0, weight: n(random) },
      ...{ check_settings: null, backend: null, created_unix_ms: 1 },
    }),
  },
  audit_settings: {
    key: ['organisation_id', 'resource_id'],
    row: (random) => ({
      ...{ organisation_id: organisation(random), resource_id: random.pick(['', id(random, 'res')]) },
      mode: random.pick(['all', 'sampled']),
    }),
  },
  request_log_settings: {
    key: ['organisation_id', 'resource_id'],
    row: (random) => ({
      ...{ organisation_id: organisation(random), resource_id: random.pick(['', id(random, 'res')]) },
      ...{ level: random.pick(['all', 'refused', 'none']), kept_days: null, kept_bytes: null },
    }),
  },
  users: {
    key: ['id'],
    row: (random) => {
      const own = id(random, 'usr');
      return {
        ...{ id: own, email: `${own}@example.org`, name: `${own} ${n(random)}`, password_hash: null },
        ...{ disabled: flag(random), session_epoch: n(random), created_unix_ms: 1, installation_admin: 0 },
      };
    },
  },
  memberships: {
    key: ['organisation_id', 'user_id'],
    row: (random) => ({
      organisation_id: organisation(random),
      user_id: id(random, 'usr'),
      created_unix_ms: n(random),
    }),
  },
  user_roles: {
    key: ['user_id', 'role_id'],
    row: (random) => ({ user_id: id(random, 'usr'), role_id: id(random, 'rol') }),
  },
  roles: {
    key: ['id'],
    row: (random) => ({
      ...named(random, 'rol'),
      ...{ built_in: random.pick([null, null, 'admin']), permissions: random.pick(['[]', '["site.read"]']) },
    }),
  },
  user_groups: { key: ['id'], row: (random) => named(random, 'grp') },
  group_members: {
    key: ['group_id', 'user_id'],
    row: (random) => ({ group_id: id(random, 'grp'), user_id: id(random, 'usr') }),
  },
  group_roles: {
    key: ['group_id', 'role_id'],
    row: (random) => ({ group_id: id(random, 'grp'), role_id: id(random, 'rol') }),
  },
  passkeys: {
    key: ['id'],
    row: (random) => {
      const own = id(random, 'pky');
      return {
        ...{ id: own, user_id: id(random, 'usr'), name: own, credential_id: own, public_key: `k${n(random)}` },
        ...{ counter: n(random), transports: '[]', backed_up: 0, created_unix_ms: 1, last_used_unix_ms: null },
      };
    },
  },
  totp_keys: {
    key: ['id'],
    row: (random) => ({
      ...{ id: id(random, 'otp'), user_id: id(random, 'usr'), name: 'x', secret: 's', last_step: n(random) },
      ...{ confirmed_unix_ms: random.pick([null, 1]), created_unix_ms: 1, last_used_unix_ms: null },
    }),
  },
  known_devices: {
    key: ['id'],
    row: (random) => ({
      ...{ id: id(random, 'kdv'), user_id: id(random, 'usr'), name: 'x', public_key: `k${n(random)}`, user_agent: '' },
      ...{
        created_unix_ms: 1,
        last_used_unix_ms: n(random),
        approved_unix_ms: random.pick([null, 1]),
        approved_by: null,
      },
    }),
  },
  mfa_settings: {
    key: ['organisation_id'],
    row: (random) => ({
      ...{
        organisation_id: organisation(random),
        required: flag(random),
        since_unix_ms: 1,
        grace_ms: 1,
        remember_ms: 1,
      },
      ...{ required_roles: random.pick(['[]', '["rol_1 1"]']), remembered_counts: 0, email_codes: 0 },
    }),
  },
  identity_providers: {
    key: ['id'],
    row: (random) => ({
      ...named(random, 'idp'),
      ...{ enabled: flag(random), client_id: `c${n(random)}`, client_secret: null, settings: provider },
    }),
  },
  identities: {
    key: ['provider_id', 'subject'],
    row: (random) => ({
      ...{ provider_id: id(random, 'idp'), subject: `s${n(random)}`, user_id: id(random, 'usr'), email: null },
      ...{ provided: '[]', created_unix_ms: 1, seen_unix_ms: n(random) },
    }),
  },
  certificates: {
    key: ['id'],
    row: (random, sealing) => {
      const own = `app-${n(random)}.example.org`;
      return {
        ...{ id: own, hosts: JSON.stringify([own]), chain_pem: `chain ${n(random)}`, source: 'local' },
        ...{ key_pem: sealing.seal('key', `key of certificate ${own}`), not_before_unix_ms: 1, not_after_unix_ms: 2 },
      };
    },
  },
  acme_challenges: {
    key: ['id'],
    row: (random) => ({
      ...{
        id: id(random, 'chl'),
        certificate_id: `app-${n(random)}.example.org`,
        kind: 'http-01',
        name: 'x',
        token: 't',
      },
      ...{ proof: `p${n(random)}`, certificate: null, record_name: null, url: 'u' },
      dns_provider_id: random.pick([null, null, 'dns_1']),
    }),
  },
  client_authorities: {
    key: ['id'],
    row: (random) => ({
      ...named(random, 'cla'),
      ...{ certificate_pem: null, fingerprints: `["${n(random)}"]`, crl_pem: null, revoked_serials: '[]' },
      crl_until_unix_ms: null,
    }),
  },
  client_authority_resources: {
    key: ['authority_id', 'resource_id'],
    row: (random) => ({ authority_id: id(random, 'cla'), resource_id: id(random, 'res') }),
  },
  credentials: {
    key: ['id'],
    row: (random) => ({
      ...named(random, 'crd'),
      ...{ method: 'pin', username: null, secret_hash: `h${n(random)}`, version: n(random), expires_unix_ms: null },
      ...{ maximum_uses: null, path_prefix: null, rotated_unix_ms: 1 },
    }),
  },
  credential_resources: {
    key: ['credential_id', 'resource_id'],
    row: (random) => ({ credential_id: id(random, 'crd'), resource_id: id(random, 'res') }),
  },
  domains: {
    key: ['id'],
    row: (random) => {
      const own = id(random, 'dom');
      return {
        ...{ id: own, organisation_id: organisation(random), name: `${own}.example.com`.replace('_', '-') },
        ...{ mode: random.pick(['zone', 'cname']), certificate: 'local', challenge: null, dns_provider_id: null },
        ...{ own_certificate_id: null, proof_token: 't', state: 'waiting', state_since_unix_ms: 1, reason: '' },
        ...{ verified_unix_ms: random.pick([null, 1]), checked_unix_ms: n(random), hsts: null, created_unix_ms: 1 },
      };
    },
  },
  ticket_secrets: {
    key: ['id'],
    row: (random, sealing) => {
      const own = String(n(random));
      return { id: own, secret: sealing.seal(`secret ${n(random)}`, `secret of session tickets ${own}`) };
    },
  },
  mail_settings: {
    key: ['organisation_id'],
    row: (random) => ({
      ...{ organisation_id: organisation(random), host: 'h', port: 25, security: 'none', user_name: null },
      ...{ password: null, from_address: 'a@b', from_name: '', ca_pem: null, code_sign_in: flag(random) },
      ...{ device_notices: 0, updated_unix_ms: n(random) },
    }),
  },
  organisation_policies: {
    key: ['organisation_id'],
    row: (random) => ({ organisation_id: organisation(random), policy: random.pick([POLICY, denying('all')]) }),
  },
  named_lists: {
    key: ['organisation_id', 'name'],
    row: (random) => ({
      ...{ organisation_id: organisation(random), name: `l${n(random)}`, updated_unix_ms: 1 },
      list: JSON.stringify({ kind: 'users', entries: [`u${n(random)}`] }),
    }),
  },
};

/** Nobody signed it, so whoever publishes does. */
const GRANT = JSON.stringify({
  ...{ payload: '{}', keyId: 'nobody', signature: '' },
  delegation: { controlId: 'nobody', signingKey: '', notAfterUnixMs: 0, signature: '' },
});

/** One row is added, changed or removed. The first organisation stays. */
export function editOf(table: EditedTable, random: SeededRandom, sealing: StoreSealing): Edit {
  const { key: columns, row } = RULES[table];
  const values = row(random, sealing);
  const isFirst = table === 'organisations' && values['id'] === 'org_1';
  const isRemoved = !isFirst && random.chance(0.3);
  const where = columns.map((column) => [column, values[column] as string] as const);
  const says = `${isRemoved ? 'remove' : 'put'} ${table} ${where.map(([, value]) => value).join(' ')}`;
  return {
    says,
    run: (transaction) => (isRemoved ? remove(transaction, table, where) : put(transaction, table, values, where)),
  };
}

type Where = readonly (readonly [column: string, value: string])[];

async function put(transaction: StoreTransaction, table: EditedTable, values: Row, where: Where): Promise<void> {
  const rest = Object.fromEntries(Object.entries(values).filter(([column]) => !where.some(([key]) => key === column)));
  if (Object.keys(rest).length > 0) {
    let update = transaction.updateTable(table as 'sites').set(rest as never);
    for (const [column, value] of where) update = update.where(column as 'id', '=', value);
    if ((await update.executeTakeFirst()).numUpdatedRows > 0n) return;
  }
  await transaction
    .insertInto(table as 'sites')
    .values(values as never)
    .execute();
}

async function remove(transaction: StoreTransaction, table: EditedTable, where: Where): Promise<void> {
  let removal = transaction.deleteFrom(table as 'sites');
  for (const [column, value] of where) removal = removal.where(column as 'id', '=', value);
  await removal.execute();
}
