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
  'GET /revocations/{sequence}': 'awaited by whatever revokes',
};

const METHODS: Readonly<Record<string, string>> = {
  get: 'GET',
  list: 'GET',
  post: 'POST',
  put: 'PUT',
  patch: 'PATCH',
  remove: 'DELETE',
};

function sources(): string[] {
  const files = readdirSync(import.meta.dirname, { recursive: true }) as string[];
  const own = files.filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));
  return own.map((file) => readFileSync(join(import.meta.dirname, file), 'utf8'));
}

interface Source {
  readonly verbs: ReadonlySet<string>;
  readonly paths: ReadonlySet<string>;
}

/** The verbs that a file asks with, and the paths that stand in it. */
function readSource(written: string): Source {
  const source = written.replace(/\$\{[^{}]*\}/g, '{}');
  const verbs = new Set(
    [...source.matchAll(/\bapi\s*\.(get|list|post|put|patch|remove)\b/g)].map(([, verb = '']) => METHODS[verb] ?? ''),
  );
  // A noun is listed, its things are found by id or name, shown, and removed.
  if (/\b(find|commonCommands)\(/.test(source)) verbs.add('GET');
  if (source.includes('commonCommands(')) verbs.add('DELETE');
  const literals = [...source.matchAll(/[`'](\/[a-z][^`'\s?]*)/g)].map(([, path = '']) => path);
  const below = [...source.matchAll(/[`']\{\}(\/[^`'\s?]*)/g)].map(([, path = '']) => path);
  const joined = literals.flatMap((path) => [path, `${path}/{}`, ...below.map((rest) => path + rest)]);
  const words = [...source.matchAll(/'([a-z]+)'/g)].map(([, word = '']) => word);
  const spelled = joined
    .filter((path) => path.endsWith('/{}'))
    .flatMap((path) => words.map((word) => path.slice(0, -2) + word));
  return { verbs, paths: new Set([...joined, ...spelled]) };
}

function isAsked(all: readonly Source[], operation: string): boolean {
  const [method = '', path = ''] = operation.replace(/\{\w+\}/g, '{}').split(' ');
  return all.some(
    ({ verbs, paths }) =>
      verbs.has(method) &&
      (paths.has(path) ||
        [...paths].some(
          (known) => known.endsWith('{}') && !known.endsWith('/{}') && path.startsWith(known.slice(0, -2)),
        )),
  );
}

test('each operation is asked by a command, or says why not', async () => {
  const { paths } = (await describeApi()) as { readonly paths: Readonly<Record<string, object>> };
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    Object.keys(item).map((method) => `${method.toUpperCase()} ${path.replace('/api/v1', '')}`),
  );
  const all = sources().map(readSource);
  const missing = operations.filter((operation) => !isAsked(all, operation));
  assert.deepEqual(
    missing.filter((operation) => !Object.hasOwn(WITHOUT_COMMAND, operation)).toSorted(),
    [],
    'add a command, or a reason in WITHOUT_COMMAND',
  );
  for (const operation of Object.keys(WITHOUT_COMMAND))
    assert.ok(operations.includes(operation), `${operation} is gone`);
});
