/** Everything that the API does is a command: what the commands ask, read from their source, against what the API has. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { describeApi } from '../control/api/openapi.ts';

/** Operations that no command asks, each with its reason. */
const WITHOUT_COMMAND: Readonly<Record<string, string>> = {
  'DELETE /organisation': 'a command would take away what it is signed in to; administrators have organisation remove',
  'GET /live': 'a stream for pages; what it tells is listed by status, requests and audit',
  'POST /policy/check': 'policy check judges on this machine, by the same code',
  'GET /sites/{id}/connectors': 'connector list has all, with their sites',
  'GET /sites/{id}/devices': 'device list has all, with their sites',
  'GET /organisations/{id}': 'organisation list has all of each',
  'GET /requests/export': 'requests export asks for pages, which takes a log of any length',
};

const METHODS: Readonly<Record<string, string>> = {
  get: 'GET',
  list: 'GET',
  post: 'POST',
  put: 'PUT',
  patch: 'PATCH',
  edit: 'PUT',
  editOrMake: 'PUT',
  editPart: 'PATCH',
  remove: 'DELETE',
};

function sources(): string[] {
  const files = readdirSync(import.meta.dirname, { recursive: true }) as string[];
  const own = files.filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));
  return own.map((file) => readFileSync(join(import.meta.dirname, file), 'utf8'));
}

/** What a file asks; the typed client knows no other paths. `*` stands for a part that is decided when it runs. */
function operationsIn(source: string): string[] {
  const ofNouns = [...source.matchAll(/Noun<'([^']+)'>/g)].map(([, path = '']) => path);
  const asked = [...source.matchAll(/\bapi\s*\.(\w+)\(\s*['`]([^'`]*)['`]/g)].flatMap(([, verb = '', path = '']) => {
    const paths = path.startsWith('${') ? ofNouns.map((noun) => path.replace(/^\$\{[^}]*\}/, noun)) : [path];
    return paths.map((one) => `${METHODS[verb]} ${one.replace(/\$\{[^}]*\}/g, '*')}`);
  });
  const nouns = new Map(
    [...source.matchAll(/const (\w+): Noun<'([^']+)'>/g)].map(([, name = '', path = '']) => [name, path] as const),
  );
  // A noun is listed, its things are found, shown, and removed.
  const common = [...source.matchAll(/commonCommands\(environment, (\w+)\)/g)].flatMap(([, name = '']) => {
    const path = nouns.get(name) ?? '';
    return [`GET ${path}`, `GET ${path}/{id}`, `DELETE ${path}/{id}`];
  });
  return [...asked, ...common];
}

function isAsked(all: readonly string[], operation: string): boolean {
  return all.some((asked) =>
    asked.includes('*')
      ? new RegExp(`^${asked.replace(/[{}]/g, '\\$&').replaceAll('*', '[^/]*')}$`).test(operation)
      : asked === operation,
  );
}

test('each operation is asked by a command, or says why not', async () => {
  const { paths } = (await describeApi()) as { readonly paths: Readonly<Record<string, object>> };
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    Object.keys(item).map((method) => `${method.toUpperCase()} ${path.replace('/api/v1', '')}`),
  );
  const all = sources().flatMap(operationsIn);
  const missing = operations.filter((operation) => !isAsked(all, operation));
  assert.deepEqual(
    missing.filter((operation) => !Object.hasOwn(WITHOUT_COMMAND, operation)).toSorted(),
    [],
    'add a command, or a reason in WITHOUT_COMMAND',
  );
  for (const operation of Object.keys(WITHOUT_COMMAND))
    assert.ok(operations.includes(operation), `${operation} is gone`);
});
