// biome-ignore-all lint/suspicious/noThenProperty: a rule is written when and then; it is an object, so nothing awaits it
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';
import type { AuditEvent } from '../core/link/index.ts';
import type { Policy } from '../core/policy/index.ts';
import { hashSecret } from '../io/secrets.ts';
import { APP_HOST, PORTAL_HOST, PopWorld, resource, SIGNED_IN } from '../testing/pop-world.ts';

const WHOLE_HOST = `whole.${PORTAL_HOST}`;
const CLOSED_HOST = `closed.${PORTAL_HOST}`;
const SHARED_HOST = `shared.${PORTAL_HOST}`;
const LINK = 'mnl_of-this-test';
const BY_LINK: Policy = {
  rules: SIGNED_IN.rules.map((rule) => ({
    ...{ ...rule, id: 'links', name: 'Holders of links' },
    then: { kind: 'authenticate', anyOf: { credentials: ['share-link'] } },
  })),
};

describe('the audit of a PoP', () => {
  let world: PopWorld;
  before(async () => {
    world = await PopWorld.start();
    const port = await world.listen(createServer((_request, response) => response.end('ok')));
    world.publishBasics(
      resource(port, { policy: SIGNED_IN }),
      resource(port, { id: 'whole', host: WHOLE_HOST, policy: SIGNED_IN, auditsAll: true }),
      resource(port, { id: 'closed', host: CLOSED_HOST, policy: { rules: [] } }),
      resource(port, { id: 'shared', host: SHARED_HOST, policy: BY_LINK, auditsAll: true }),
      {
        ...{ kind: 'credential', id: 'crd_link', name: 'For Ann', method: 'share-link', resourceIds: ['shared'] },
        ...{ version: 1, secretHash: hashSecret(LINK) },
      },
    );
    const { ca, link } = world;
    link.open({ controlId: 'c', baseUrl: 'https://127.0.0.1:1', authentication: '', caPem: ca.certificatePem });
  });
  after(() => world.stop());

  /** Events of a resource, once as many as these have come. */
  async function told(resourceId: string, count: number): Promise<AuditEvent[]> {
    for (;;) {
      const sent = world.link.sent.flatMap((message) => (message.type === 'audit' ? message.events : []));
      // As control does: what is confirmed makes room for what follows.
      world.link.events.received({ type: 'auditStored', ids: sent.map(({ id }) => id) });
      const own = [...new Map(sent.map((event) => [event.id, event])).values()];
      const found = own.filter((event) => event.resourceId === resourceId);
      if (found.length >= count) return found;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  test('tells of every request where that is wished, with the rule by its name and how people signed in', async () => {
    const cookie = world.sessionCookie('whole', WHOLE_HOST);
    for (let i = 0; i < 3; i++)
      assert.equal((await world.fetch(WHOLE_HOST, `/${i}`, { headers: { cookie } })).status, 200);
    const events = await told('whole', 3);
    assert.deepEqual(events.map(({ path }) => path).sort(), ['/0', '/1', '/2']);
    for (const { userId, outcome, ruleId, ruleName, methods } of events)
      assert.deepEqual(
        [userId, outcome, ruleId, ruleName, methods],
        ['ada', 'allow', 'everyone', 'Everyone', ['password']],
      );
  });

  test('tells of every opening of a share link there, with the rule that takes links', async () => {
    for (let i = 0; i < 3; i++) assert.equal((await world.fetch(SHARED_HOST, `/.manis/share/${LINK}`)).status, 302);
    const events = await told('shared', 3);
    for (const { userId, outcome, reason, ruleId, ruleName, methods } of events)
      assert.deepEqual(
        [userId, outcome, reason, ruleId, ruleName, methods],
        ['credential:crd_link', 'allow', 'share-link-opened', 'links', 'Holders of links', ['share-link']],
      );
    assert.ok(!JSON.stringify(events).includes(LINK));
  });

  test('the id on the page of a refusal is in the audit, also where many alike are told once', async () => {
    const ids = new Set<string>();
    for (let i = 0; i < 3; i++) {
      const page = await world.fetch(CLOSED_HOST, `/${i}`, { headers: { accept: 'text/html' } });
      const id = String(page.headers['x-manis-request-id']);
      assert.ok(page.body.includes(id));
      ids.add(id);
    }
    const [event] = await told('closed', 1);
    assert.deepEqual([...ids], [event?.requestId]);
    const other = await world.fetch(APP_HOST, '/', {});
    const [challenged] = await told('app', 1);
    assert.equal(other.headers['x-manis-request-id'], challenged?.requestId);
  });
});
