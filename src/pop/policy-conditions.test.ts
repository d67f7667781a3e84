// biome-ignore-all lint/suspicious/noThenProperty: a rule is written when and then; it is an object, so nothing awaits it
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { WebSocket, WebSocketServer } from 'ws';
import type { Condition, Policy } from '../core/policy/index.ts';
import { APP_HOST, PopWorld, resource } from '../testing/pop-world.ts';
import { REVIEW_EVERY_MS } from './constants.ts';

const open = (when: Condition): Policy => ({
  rules: [{ id: 'only', name: 'Only', enabled: true, when, then: { kind: 'bypass' } }],
});
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';

/** Conditions as real requests meet them. */
describe('conditions at a PoP', () => {
  let world: PopWorld;
  let port: number;
  before(async () => {
    world = await PopWorld.start();
    const backend = createServer((_request, response) => response.end('reached'));
    const sockets = new WebSocketServer({ server: backend });
    sockets.on('connection', (socket) => socket.send('hello'));
    port = await world.listen(backend);
    world.publishBasics();
  });
  after(() => world.stop());

  const statusWith = async (when: Condition, headers: Record<string, string> = {}): Promise<number> => {
    world.publish(resource(port, { policy: open(when) }));
    return (await world.fetch(APP_HOST, '/', { headers })).status;
  };

  test('a device is what the browser says that it is', async () => {
    assert.equal(await statusWith({ device: { browser: ['firefox'] } }, { 'user-agent': FIREFOX }), 200);
    assert.equal(await statusWith({ device: { browser: ['safari'] } }, { 'user-agent': FIREFOX }), 403);
    assert.equal(await statusWith({ device: { browser: ['firefox'] } }), 403);
  });

  test('a header counts as it was sent', async () => {
    assert.equal(await statusWith({ header: { name: 'x-team', values: ['blue'] } }, { 'X-Team': 'blue' }), 200);
    assert.equal(await statusWith({ header: { name: 'x-team', values: ['blue'] } }), 403);
  });

  test('somebody whom a provider vouched for came from there', async () => {
    const when: Condition = { identityProvider: ['idp-one'] };
    const then = { kind: 'authenticate', anyOf: 'signed-in' } as const;
    world.publish(resource(port, { policy: { rules: [{ id: 'r', name: 'R', enabled: true, when, then }] } }));
    const statusOf = async (via?: { providerId: string }): Promise<number> => {
      const cookie = world.sessionCookie('app', APP_HOST, via && { via });
      return (await world.fetch(APP_HOST, '/', { headers: { cookie } })).status;
    };
    assert.equal(await statusOf({ providerId: 'idp-one' }), 200);
    assert.notEqual(await statusOf({ providerId: 'idp-two' }), 200);
    assert.notEqual(await statusOf(), 200);
  });

  test('an address that is nowhere is in no country and on no list of them, under not neither', async () => {
    assert.equal(await statusWith({ country: ['DE'] }), 403);
    assert.equal(await statusWith({ not: { country: ['DE'] } }), 403);
    assert.equal(await statusWith({ list: ['missing'] }), 403);
    assert.equal(await statusWith({ not: { list: ['missing'] } }), 403);
  });

  test('what the organisation says holds for every resource, from the change on', async () => {
    world.publish(resource(port, { policy: open({ list: ['here'] }) }));
    const status = async (): Promise<number> => (await world.fetch(APP_HOST, '/')).status;
    assert.equal(await status(), 403);
    const lists = { here: { kind: 'addresses' as const, entries: ['loopback'] } };
    world.publishDelta({ kind: 'organisationPolicy', id: 'org-1', policy: { rules: [] }, lists });
    assert.equal(await status(), 200);
    const deny: Policy = {
      rules: [{ id: 'o', name: 'O', enabled: true, when: { list: ['here'] }, then: { kind: 'deny' } }],
    };
    world.publishDelta({ kind: 'organisationPolicy', id: 'org-1', policy: deny, lists });
    assert.equal(await status(), 403);
    world.publishDelta({ kind: 'organisationPolicy', id: 'org-1', policy: { rules: [] }, lists: {} });
    assert.equal(await status(), 403);
  });

  test('an open WebSocket ends when a policy no longer admits it, and when a window of time closes', async () => {
    const minuteOf = (unixMs: number): string => new Date(unixMs).toISOString().slice(0, 16);
    for (const end of ['edit', 'time'] as const) {
      const now = world.clock.unixMs();
      const window = { date: { to: minuteOf(now + 120_000), zone: 'UTC' } };
      world.publish(resource(port, { policy: open(window) }));
      const socket = new WebSocket(`wss://127.0.0.1:${world.port}/`, {
        ca: world.ca.certificatePem,
        headers: { host: `${APP_HOST}:${world.port}` },
        // `ws` passes everything on to TLS, its types know only some of it.
        ...{ servername: APP_HOST },
      });
      socket.on('error', () => undefined);
      await new Promise((resolve) => socket.once('message', resolve));
      const closed = new Promise((resolve) => socket.once('close', resolve));
      // A second passes on the machine's clock, after which open streams are looked at; the policy's clock is the world's.
      if (end === 'edit') world.publishDelta(resource(port, { policy: open({ method: ['PUT'] }) }));
      else world.clock.advance(180_000 + REVIEW_EVERY_MS);
      await closed;
    }
  });
});
