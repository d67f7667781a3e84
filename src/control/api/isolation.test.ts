/**
 * Isolation of organisations, from the OpenAPI document: every operation is tried by an administrator of another
 * organisation, by a member without the permission, by a key with every scope but the one, and by nobody.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ControlWorld } from '../../testing/control-world.ts';
import { TENANT_CASES, type TenantCase, type TenantThings } from '../../testing/tenant-cases.ts';
import { bodyOf, type Call, fillOrganisation, pathWith } from '../../testing/tenant-things.ts';
import { ORGANISATION_PERMISSIONS } from '../permissions.ts';

const world = new ControlWorld();
let things: TenantThings;
let operations: { name: string; method: string; path: string; access: string }[] = [];

let inside: Call;
let stranger: Call;
let member: Call;
let strangerToken = '';

function by(token: string, organisationId?: string): Call {
  const headers = { authorization: `Bearer ${token}`, ...(organisationId && { 'manis-organisation': organisationId }) };
  return (method, path, body) => world.call(method, `/api/v1${path}`, body, headers);
}

before(async () => {
  await world.start();
  const pop = await world.addPop('ams');
  const owners = await Promise.all(['Acme', 'Other'].map((name) => world.must('POST', '/organisations', { name })));
  const [acme, other] = owners as [{ id: string }, { id: string }];
  inside = by(world.apiToken, acme.id);
  things = await fillOrganisation(world, inside, acme.id, pop);
  stranger = await ownerOf(other.id);
  const made = await bodyOf(inside('POST', '/users', { email: 'plain@acme.example', name: 'Plain' }));
  member = by((await bodyOf(inside('POST', '/api-tokens', { name: 'plain', userId: made.id }))).token, acme.id);
  await bodyOf(stranger('POST', '/sites', { name: 'own' }));
  operations = await readOperations();
});
after(() => world.end());

/** An owner of an organisation who is nothing else, least of all an administrator of the installation. */
async function ownerOf(organisationId: string): Promise<Call> {
  const api = by(world.apiToken, organisationId);
  const made = await bodyOf(api('POST', '/users', { email: 'eve@other.example', name: 'Eve', roles: ['owner'] }));
  strangerToken = (await bodyOf(api('POST', '/api-tokens', { name: 'eve', userId: made.id }))).token;
  return by(strangerToken, organisationId);
}

async function readOperations(): Promise<typeof operations> {
  const { body } = await world.call('GET', '/api/v1/openapi.json');
  const paths = body.paths as Record<string, Record<string, { 'x-access'?: string }>>;
  return Object.entries(paths).flatMap(([whole, methods]) =>
    Object.entries(methods).map(([verb, operation]) => {
      const [method, path] = [verb.toUpperCase(), whole.replace('/api/v1', '')];
      return { name: `${method} ${path}`, method, path, access: operation['x-access'] ?? '' };
    }),
  );
}

const caseOf = (name: string): TenantCase => TENANT_CASES[name] ?? assert.fail(`${name} is missing in tenant-cases.ts`);

/** Everything of the first organisation, as its owner sees it. What is used meanwhile is left out. */
async function picture(): Promise<string> {
  const lists = operations.filter(({ method, access }) => {
    const isAbout = access.includes('.') && !/^(installation|tenant|pop|status|audit|session)\./.test(access);
    return method === 'GET' && isAbout;
  });
  const seen: string[] = [];
  for (const { name, path } of lists) {
    const { body } = await inside('GET', pathWith(things, path, caseOf(name)));
    seen.push(
      `${name}: ${JSON.stringify(body, (key, value) => (/^(lastUsedUnixMs|requestId)$/.test(key) ? 0 : value))}`,
    );
  }
  return seen.join('\n');
}

describe('isolation of organisations', () => {
  test('is tried on everything that the document describes', () => assert.ok(operations.length > 90));

  test('an administrator of another organisation reaches nothing of this one', async () => {
    const before = await picture();
    const secrets = Object.entries(things).flatMap(([kind, thing]) => (/^(pop|list)$/.test(kind) ? [] : thing));
    const wrong: string[] = [];
    for (const { name, method, path } of operations) {
      const tenantCase = caseOf(name);
      if (tenantCase.isStream) continue;
      const { status, body } = await stranger(method, pathWith(things, path, tenantCase), tenantCase.body?.(things));
      // What its own list is called the stranger said itself.
      const told = JSON.stringify(body ?? null).replaceAll(things.list, '');
      const { stranger: expected, tells } = tenantCase;
      const code = expected === 'installation' ? 'rights-missing' : expected;
      if (expected === 'own' ? status >= 300 : body?.code !== code) wrong.push(`${name}: ${status} ${told}`);
      const words = [...secrets, 'secret-', 'acme.example', '10.9.8.7'];
      if (expected === 'own' && tells !== 'shared')
        for (const word of words) if (told.includes(word)) wrong.push(`${name} tells of ${word}: ${told}`);
    }
    assert.deepEqual(wrong, []);
    assert.equal(await picture(), before, 'nothing has changed');
  });

  test('nobody acts in an organisation by naming it', async () => {
    const named = by(strangerToken, things.organisation);
    for (const { name, method, path, access } of operations) {
      if (access === 'public') continue;
      const tenantCase = caseOf(name);
      const { body } = await named(method, pathWith(things, path, tenantCase), tenantCase.body?.(things));
      assert.equal(body?.code, 'organisation-unknown', name);
    }
  });

  test('a member without the permission is refused', async () => {
    for (const { name, method, path, access } of operations) {
      if (access === 'signed-in' || access === 'public') continue;
      const tenantCase = caseOf(name);
      const { body } = await member(method, pathWith(things, path, tenantCase), tenantCase.body?.(things));
      assert.equal(body?.code, 'rights-missing', name);
    }
  });

  test('a key with every scope but the one is refused, and one that is limited to another resource', async () => {
    const other = await bodyOf(inside('POST', '/resources', { name: 'Else', host: 'else.acme.example' }));
    const all = [...ORGANISATION_PERMISSIONS];
    const limited = await bodyOf(inside('POST', '/keys', { name: 'l', scopes: all, resourceIds: [other.id] }));
    const keys = new Map<string, Call>();
    for (const scope of all) {
      const scopes = all.filter((one) => one !== scope);
      keys.set(scope, by((await bodyOf(inside('POST', '/keys', { name: scope, scopes }))).key));
    }
    const any = keys.get('audit.read') as Call;
    for (const { name, method, path, access } of operations) {
      if (access === 'public') continue;
      const tenantCase = caseOf(name);
      for (const call of [keys.get(access) ?? any, by(limited.key)]) {
        const { body } = await call(method, pathWith(things, path, tenantCase), tenantCase.body?.(things));
        assert.equal(body?.code, 'rights-missing', name);
      }
    }
  });

  test('nobody who is not signed in is answered', async () => {
    for (const { name, method, path, access } of operations) {
      if (access === 'public') continue;
      const tenantCase = caseOf(name);
      const answer = await world.call(
        method,
        `/api/v1${pathWith(things, path, tenantCase)}`,
        tenantCase.body?.(things),
      );
      assert.equal(answer.body?.code, 'authentication-required', name);
    }
  });
});
