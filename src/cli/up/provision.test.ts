import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { appOf, planNetwork } from './plan.ts';
import { provideApp, type ResourcesApi } from './provision.ts';

const plan = planNetwork(8443, true);
const demo = appOf(undefined, plan);
const own = appOf('http://localhost:3000', plan);
const DEMO = { id: 'r1', host: 'demo.manis.localhost' };
const APP = { id: 'r2', host: 'app.manis.localhost' };
const TARGETS: Readonly<Record<string, object>> = {
  '/resources/r1/targets': { id: 't1', url: 'http://127.0.0.1:8449' },
  '/resources/r2/targets': { id: 't2', url: 'http://localhost:3000' },
};

interface Asked {
  readonly params?: { readonly path?: { readonly id: string } };
  readonly body?: unknown;
}

/** What control is told, where it holds these resources. */
async function told(resources: readonly object[], app = own): Promise<string[]> {
  const said: string[] = [];
  const filled = (path: string, { params }: Asked) => path.replace('{id}', params?.path?.id ?? '');
  const say = async (path: string, asked: Asked) => {
    said.push(`${filled(path, asked)} ${JSON.stringify(asked.body)}`);
    return {};
  };
  const list = async (path: string, asked: Asked = {}) =>
    path === '/resources' ? resources : [TARGETS[filled(path, asked)]];
  const api = { list, post: say, patch: say } as unknown as ResourcesApi;
  await provideApp(api, plan, 's1', app);
  return said;
}

describe('the application of a local network', () => {
  test('is published once, with the policy for everybody who has signed in', async () => {
    const [first, ...others] = await told([], demo);
    assert.match(first ?? '', /^\/resources \{"name":"demo","host":"demo\.manis\.localhost","policy":.*signed-in/);
    assert.deepEqual(others, []);
    assert.deepEqual(await told([{ ...DEMO, enabled: true }], demo), []);
  });

  test('is reached where the command says', async () => {
    const moved = appOf('http://localhost:4000', plan);
    assert.deepEqual(await told([{ ...APP, enabled: true }], moved), ['/targets/t2 {"url":"http://localhost:4000"}']);
    const secret = appOf('https://localhost:4000', plan);
    assert.deepEqual(await told([{ ...APP, enabled: true }], secret), [
      '/targets/t2 {"url":"https://localhost:4000","tls":{"verify":false}}',
    ]);
  });

  test('takes the place of the demo, and gives it back', async () => {
    const known = (enabled: boolean) => [
      { ...APP, enabled: true },
      { ...DEMO, enabled },
    ];
    assert.deepEqual(await told(known(true), own), ['/resources/r1 {"enabled":false}']);
    assert.deepEqual(await told(known(false), own), []);
    assert.deepEqual(await told(known(false), demo), ['/resources/r1 {"enabled":true}']);
  });
});
