import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { openLocalCa } from '../../io/certificates.ts';
import { createClock } from '../../io/clock.ts';
import { createRandom } from '../../io/random.ts';
import {
  certifiedHosts,
  deleteResource,
  insertDomain,
  insertOrganisation,
  insertResource,
  listCertificates,
  openSqliteStore,
  putAcmeSettings,
  type Store,
} from '../../io/store/index.ts';
import { createStoreSealing } from '../../io/store-sealing.ts';
import { ControlWorld } from '../../testing/control-world.ts';
import { SeededRandom, testSeed } from '../../testing/seeded-random.ts';
import { organisationRow, resourceRow } from '../../testing/store-rows.ts';
import { ensureCertificates } from './ensure.ts';
import { HostCertificates } from './host-certificates.ts';
import { LocalLeaves } from './local-leaves.ts';
import { CoveredHosts } from './wishes.ts';

const PORTAL = 'manis.localhost';
const STEPS = 60;
const HOSTS = [
  ...['a.example.com', 'b.example.com', '*.example.com', 'example.com', 'a.b.example.com', '*.b.example.com'],
  ...[`a.${PORTAL}`, `a.b.${PORTAL}`, `*.${PORTAL}`, 'a.other.test', 'b.other.test', '*.other.test'],
];

describe('what a host that comes or goes means for certificates is what a look at all hosts gives', () => {
  const folder = mkdtempSync(join(tmpdir(), 'manis-hosts-'));
  after(() => rmSync(folder, { recursive: true }));
  const cases = [
    { says: 'of the local authority' },
    { says: 'of a directory, for all', isDefault: true },
    { says: 'of a directory, for a domain of aliases', mode: 'cname' },
    { says: 'of a directory, for a domain with a wildcard', mode: 'zone' },
    { says: 'of a directory, for all and for a domain', mode: 'zone', isDefault: true },
  ] as const;
  for (const { says, ...change } of cases)
    test(says, async (t) => {
      const random = new SeededRandom(testSeed(Date.now() & 0xffff));
      t.diagnostic(`TEST_SEED=${random.seed}`);
      const world = await openWorld(mkdtempSync(join(folder, 'd-')), change);
      let looks = 0;
      for (let step = 0; step < STEPS; step++) {
        const host = random.pick(HOSTS);
        const did = await world.toggle(host);
        if (world.hosts.takeLookDue()) looks++;
        else assert.equal(await world.look(), false, `TEST_SEED=${random.seed}, step ${step}: ${did} ${host}`);
        await world.look();
      }
      assert.ok(looks < STEPS, 'most say all by themselves');
      await world.store.close();
    });
});

async function openWorld(
  dataDir: string,
  { mode, isDefault = false }: { readonly mode?: 'cname' | 'zone'; readonly isDefault?: boolean },
) {
  const store = await openSqliteStore({ dataDir, nowUnixMs: 1 });
  const [clock, random, sealing] = [createClock(), createRandom(), createStoreSealing(new Uint8Array(32))];
  const signing = { store, clock, random, sealing, ca: await openLocalCa(dataDir, clock.unixMs(), random) };
  const options = { ...signing, portalHost: PORTAL, leaves: new LocalLeaves(signing) };
  const hosts = new HostCertificates(options);
  await store.publish(async (transaction) => {
    await insertOrganisation(transaction, organisationRow('org_1'));
    if (mode === undefined && !isDefault) return;
    await putAcmeSettings(transaction, {
      ...{ id: 'installation', directory_url: 'https://acme.test/', contacts: '[]', terms_agreed: 1, eab_key: null },
      ...{ eab_key_id: null, ca_pem: null, profile: null, is_default: isDefault ? 1 : 0, updated_unix_ms: 1 },
    });
    if (mode)
      await insertDomain(transaction, {
        ...{ id: 'dom_1', organisation_id: 'org_1', name: 'example.com', mode, certificate: 'acme', challenge: null },
        ...{ dns_provider_id: null, own_certificate_id: null, proof_token: 'tok', state: 'verified', reason: '' },
        ...{ state_since_unix_ms: 1, verified_unix_ms: 1, checked_unix_ms: 1, hsts: null, created_unix_ms: 1 },
      });
  });
  await ensureCertificates(options);
  const toggle = async (host: string): Promise<'comes' | 'goes'> => {
    const row = resourceRow(`res_${HOSTS.indexOf(host)}`, { host });
    const { value } = await store.publish(async (transaction): Promise<'comes' | 'goes'> => {
      if (await deleteResource(transaction, 'org_1', row.id)) {
        await hosts.goes(transaction, row);
        return 'goes';
      }
      await insertResource(transaction, row);
      await hosts.comes(transaction, row);
      return 'comes';
    });
    return value;
  };
  return { store, hosts, toggle, look: () => ensureCertificates(options) };
}

/** Another control node may publish after any commit, and then PoPs have the host and no certificate. */
describe('whoever reads the store after any commit finds a certificate for each host', () => {
  const world = new ControlWorld();
  const bare = new Set<string>();
  before(async () => {
    const { store } = (await world.start()).observed.control;
    watch(store);
  });
  after(() => world.end());

  function watch(store: Store): void {
    const transaction = store.transaction.bind(store);
    store.transaction = async (work) => {
      const value = await transaction(work);
      const rows = await listCertificates(store.database);
      const covered = new CoveredHosts(rows.map(({ hosts }) => ({ ...NO_WISH, names: JSON.parse(hosts) })));
      for (const { host } of await certifiedHosts(store.database)) if (!covered.has(host)) bare.add(host);
      return value;
    };
  }

  test('of a resource that is added, has another host, or is removed', async () => {
    const { id } = await world.must('POST', '/resources', { name: 'One', host: 'one.example.org' });
    await world.must('PATCH', `/resources/${id}`, { host: 'two.example.org' });
    await world.must('POST', '/resources', { name: 'Wild', host: '*.example.org' });
    await world.must('POST', '/resources', { name: 'Three', host: 'three.example.org' });
    assert.equal((await world.api('DELETE', `/resources/${id}`)).status, 204);
    assert.deepEqual([...bare], []);
  });

  test('of a blueprint and of a quick tunnel', async () => {
    const document = 'manis: 1\nresources:\n  four: { host: four.example.net }\n';
    await world.must('POST', '/blueprint/apply', { text: document });
    await world.must('POST', '/quick-tunnels', {
      ...{ applications: [{ url: 'http://localhost:3000', host: 'five.example.net' }], guard: { kind: 'pin' } },
    });
    assert.deepEqual([...bare], []);
  });
});

const NO_WISH = { id: '', source: 'local', challenges: [] } as const;
