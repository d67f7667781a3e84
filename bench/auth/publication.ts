// biome-ignore-all lint/suspicious/noThenProperty: a rule is written when and then; it is an object, so nothing awaits it
/**
 * What a change costs control where there are 10,000 resources, each with a certificate of its own and a target at one
 * site: processor time from the call of the API until a PoP, which is in the same process, has it.
 */

import { createLog } from '../../src/io/log.ts';
import {
  findSite,
  firstOrganisation,
  insertResource,
  insertSite,
  insertTarget,
  openSqliteStore,
  type ResourcesTable,
} from '../../src/io/store/index.ts';
import { ControlWorld, type PopWorld } from '../../src/testing/control-world.ts';

const TIMES = 15;
const ADDED_AT_ONCE = 500;
const SITE = 'sit_bench';

export interface PublicationTimes {
  /** Milliseconds of processor, ascending. */
  readonly change: readonly number[];
  readonly add: readonly number[];
  readonly policy: readonly number[];
}

export async function publicationTimes(resources: number): Promise<PublicationTimes> {
  const world = new ControlWorld();
  const quiet = { log: createLog({ level: 'silent' }) };
  try {
    await world.start(quiet);
    await world.stop();
    await fill(world.dataDir, resources);
    await world.start(quiet);
    const pop = await world.addPop('ams');
    if ((pop.state?.records.sizeOf('certificate') ?? 0) < resources) throw new Error('certificates are missing');
    return {
      change: await measured((i) => change(world, pop, idOf(i * 97), `changed ${i}`)),
      add: await measured((i) => add(world, pop, `more-${i}.example.net`)),
      policy: await measured((i) => setPolicy(world, pop, idOf(i * 89), `rule ${i}`)),
    };
  } finally {
    await world.end();
  }
}

const idOf = (i: number): string => `res_${String(i).padStart(6, '0')}`;

async function fill(dataDir: string, count: number): Promise<void> {
  const store = await openSqliteStore({ dataDir, nowUnixMs: Date.now() });
  const organisation = await firstOrganisation(store.database);
  const organisation_id = organisation?.id ?? '';
  await store.publish(async (transaction) => {
    if (await findSite(transaction, organisation_id, SITE)) return;
    await insertSite(transaction, { id: SITE, organisation_id, name: 'Bench', created_unix_ms: 1 });
  });
  for (let from = 0; from < count; from += ADDED_AT_ONCE)
    await store.publish(async (transaction) => {
      for (let i = from; i < Math.min(count, from + ADDED_AT_ONCE); i++) {
        await insertResource(transaction, resourceAt(i, organisation_id));
        await insertTarget(transaction, targetOf(i, organisation_id));
      }
    });
  await store.close();
}

function resourceAt(i: number, organisation_id: string): ResourcesTable {
  const rule = { id: 'r', name: 'staff', enabled: true, when: { all: [] }, then: { kind: 'deny' } };
  return {
    ...{ id: idOf(i), organisation_id, name: `Application ${i}`, host: `app-${i}.example.com`, enabled: 1 },
    ...{ policy: JSON.stringify({ rules: [rule] }), balancing: 'least-latency', sticky: 'none', panic_threshold: 0.5 },
    ...{ provider_id: null, http_settings: null, kind: 'http', listen: null, proxy_protocol: null, created_unix_ms: 1 },
  };
}

function targetOf(i: number, organisation_id: string) {
  return {
    ...{ id: `tgt_${idOf(i)}`, organisation_id, resource_id: idOf(i), site_id: SITE, scheme: 'http' as const },
    ...{ host: '10.0.0.1', port: 8080, host_header: null, tls_server_name: null, tls_verify: 1 as const },
    ...{ priority: 0, weight: 1, check_settings: null, backend: null, port_count: 1, created_unix_ms: 1 },
  };
}

async function change(world: ControlWorld, pop: PopWorld, id: string, name: string): Promise<void> {
  const answered = world.must('PATCH', `/resources/${id}`, { name });
  await pop.until(() => pop.find('resource', id)?.name === name);
  await answered;
}

async function add(world: ControlWorld, pop: PopWorld, host: string): Promise<void> {
  const answered = world.must('POST', '/resources', {
    ...{ name: host, host, policy: { rules: [] }, targets: [{ siteId: SITE, url: 'http://10.0.0.1:8080' }] },
  });
  await pop.until(() => pop.find('certificate', host) !== undefined);
  const { id } = await answered;
  await pop.until(() => pop.find('resource', id) !== undefined);
}

async function setPolicy(world: ControlWorld, pop: PopWorld, id: string, name: string): Promise<void> {
  const rules = [{ id: 'r', name, enabled: true, when: { all: [] }, then: { kind: 'bypass' } }];
  const answered = world.must('PUT', `/resources/${id}/policy`, { rules });
  await pop.until(() => pop.find('resource', id)?.policy.rules[0]?.name === name);
  await answered;
}

async function measured(work: (i: number) => Promise<void>): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < TIMES; i++) {
    const before = process.cpuUsage();
    await work(i);
    const { user, system } = process.cpuUsage(before);
    times.push((user + system) / 1000);
  }
  return times.sort((a, b) => a - b);
}
