/** What a PoP with too much to do leaves undone, and what it does not. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { APP_HOST, PORTAL_HOST, PopWorld, PUBLIC, resource, SIGNED_IN } from '../testing/pop-world.ts';

const PUBLIC_HOST = `public.${PORTAL_HOST}`;

describe('a PoP that has more to do than it can', () => {
  let world: PopWorld;
  /** What is read once a second. */
  let [delayMs, share] = [0, 0];
  before(async () => {
    world = await PopWorld.start({ load: { delayMs: () => delayMs, cpuShare: () => share } });
    const backend = createServer((_request, response) => response.end('ok'));
    const port = await world.listen(backend);
    world.publishBasics(
      resource(port, { policy: SIGNED_IN }),
      resource(port, { id: 'public', host: PUBLIC_HOST, policy: PUBLIC }),
    );
  });
  after(() => world.stop());

  const session = () => world.fetch(APP_HOST, '/', { headers: { cookie: world.sessionCookie('app', APP_HOST) } });
  const stranger = () => world.fetch(APP_HOST, '/', { headers: { accept: 'text/html' } });
  const anybody = () => world.fetch(PUBLIC_HOST, '/');

  /** Asks again until it is answered so: the load is read once a second. */
  async function until(ask: () => ReturnType<typeof anybody>, status: number) {
    for (;;) {
      const answer = await ask();
      if (answer.status === status) return answer;
    }
  }

  test('serves everybody while it is calm', async () => {
    assert.deepEqual([(await session()).status, (await stranger()).status, (await anybody()).status], [200, 302, 200]);
  });

  test('sends strangers away first, and says when to come back', { timeout: 20_000 }, async () => {
    [delayMs, share] = [300, 1];
    const answer = await until(stranger, 503);
    assert.equal(answer.headers['retry-after'], '5');
    assert.match(answer.body, /Too much is going on/);
    assert.equal((await session()).status, 200);
  });

  test('then who asks for what is public, and never who is signed in', { timeout: 20_000 }, async () => {
    await until(anybody, 503);
    for (let i = 0; i < 20; i++) assert.equal((await session()).status, 200);
    const { shed } = world.pop.counters();
    assert.deepEqual(Object.keys(shed).sort(), ['public', 'stranger']);
  });

  test('takes everybody again when it is calm', { timeout: 30_000 }, async () => {
    [delayMs, share] = [1, 0.5];
    await until(anybody, 200);
    await until(stranger, 302);
  });
});
