import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { APP_HOST, PORTAL_HOST, PopWorld, PUBLIC, resource } from '../testing/pop-world.ts';

const OPEN_HOST = `open.${PORTAL_HOST}`;

/** What somebody who means harm sends through the front door, and what comes of it. */
describe('hostile requests', () => {
  let world: PopWorld;
  before(async () => {
    world = await PopWorld.start();
    const backend = createServer((request, response) => {
      response.end(JSON.stringify({ method: request.method, url: request.url, headers: request.headers }));
    });
    const port = await world.listen(backend);
    world.publishBasics(resource(port), resource(port, { id: 'open', host: OPEN_HOST, policy: PUBLIC }));
  });
  after(() => world.stop());

  test('a flood of refused requests is a few audit events, and the counters have them all', async () => {
    const other = await PopWorld.start();
    const { link } = other;
    try {
      other.publishBasics(resource(1), resource(1, { id: 'nothing', host: OPEN_HOST, policy: { rules: [] } }));
      for (let i = 0; i < 40; i++) {
        assert.equal((await other.fetch(APP_HOST, `/${i}`)).status, 401);
        assert.equal((await other.fetch(OPEN_HOST, `/${i}`)).status, 403);
      }
      assert.equal(other.pop.counters().problems['sign-in-needed'], 40);
    } finally {
      await other.stop();
    }
    // Without a link they are offered again and again; an event is known by its id.
    const offered = link.sent.flatMap((message) => (message.type === 'audit' ? message.events : []));
    const events = [...new Map(offered.map((event) => [event.id, event])).values()];
    assert.deepEqual(events.map(({ resourceId, status }) => `${resourceId} ${status}`).sort(), [
      'app 401',
      'nothing 403',
    ]);
  });
});
