// biome-ignore-all lint/suspicious/noThenProperty: a rule is written when and then; it is an object, so nothing awaits it
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { verify } from '@node-rs/argon2';
import { hashSecret } from '../../io/secrets.ts';
import { ControlWorld, type PopWorld } from '../../testing/control-world.ts';
import { pinProblem } from './credential-secrets.ts';

describe('credentials', () => {
  const world = new ControlWorld();
  let pop: PopWorld;
  let wiki: string;
  let files: string;

  before(async () => {
    await world.start();
    pop = await world.addPop('Amsterdam');
    const add = async (name: string, anyOf: unknown) => {
      const rule = { id: 'r', name: 'r', enabled: true, when: { all: [] } };
      const policy = { rules: [{ ...rule, then: { kind: 'authenticate', anyOf } }] };
      return (await world.must('POST', '/resources', { name, host: `${name}.manis.localhost`, policy })).id as string;
    };
    wiki = await add('wiki', { signedIn: true, credentials: ['share-link', 'pin'] });
    files = await add('files', 'signed-in');
  });
  after(() => world.end());

  const published = async (id: string, holds: (record: unknown) => boolean) => {
    await pop.until(() => holds(pop.find('credential', id)));
    return pop.find('credential', id);
  };

  test('are made once, shown once, hashed, and published', async () => {
    const table = [
      [{ method: 'pin', secret: '830274' }, 'argon2'],
      [{ method: 'resource-password', secret: 'violet umbrella seven' }, 'argon2'],
      [{ method: 'header', username: 'scanner' }, 'argon2'],
      [{ method: 'share-link', maximumUses: 5, pathPrefix: '/docs/', expiresUnixMs: 9e12 }, 'sha256'],
      [{ method: 'service-token' }, 'sha256'],
    ] as const;
    for (const [body, kind] of table) {
      const { secret, ...made } = await world.must('POST', '/credentials', {
        name: body.method,
        resourceIds: [wiki],
        ...body,
      });
      const record = await published(made.id, (found) => found !== undefined);
      assert.ok(record);
      const fits =
        kind === 'argon2' ? await verify(record.secretHash, secret) : record.secretHash === hashSecret(secret);
      assert.ok(fits, body.method);
      assert.equal(made.state, 'active');
      const shown = JSON.stringify([
        await world.must('GET', `/credentials/${made.id}`),
        await world.must('GET', '/audit'),
        world.logLines,
      ]);
      assert.ok(!shown.includes(secret) && !shown.includes(record.secretHash), `${body.method} is told of`);
      if (body.method === 'share-link') {
        assert.deepEqual(made.urls, [`https://wiki.manis.localhost:8443/.manis/share/${secret}`]);
        assert.deepEqual([record.pathPrefix, record.maximumUses, record.expiresUnixMs], ['/docs', 5, 9e12]);
      }
    }
  });

  test('say where the policy admits them not', async () => {
    const body = { name: 'n', method: 'share-link', resourceIds: [wiki, files] };
    assert.deepEqual((await world.must('POST', '/credentials', body)).notAdmittedBy, [files]);
  });

  test('a new secret and a removal end what the old one began', async () => {
    const body = { name: 'link', method: 'share-link', resourceIds: [files] };
    const made = await world.must('POST', '/credentials', body);
    const rotated = await world.must('POST', `/credentials/${made.id}/rotate`, {});
    assert.equal(rotated.version, 2);
    assert.notEqual(rotated.secret, made.secret);
    await published(made.id, (found) => (found as { version: number } | undefined)?.version === 2);
    const revoked = (minimumVersion: number) =>
      pop.entries.some((entry) => entry.kind === 'credential' && entry.minimumVersion === minimumVersion);
    await pop.until(() => revoked(2));
    assert.equal((await world.api('DELETE', `/credentials/${made.id}`)).status, 204);
    await pop.until(() => revoked(3));
    await published(made.id, (found) => found === undefined);
    assert.equal((await world.api('GET', `/credentials/${made.id}`)).status, 404);
  });

  test('a change goes to the PoPs, and a list may be of one resource or method', async () => {
    const made = await world.must('POST', '/credentials', { name: 'x', method: 'service-token', resourceIds: [files] });
    await world.must('PATCH', `/credentials/${made.id}`, { resourceIds: [files, wiki], expiresUnixMs: 8e12 });
    const record = await published(
      made.id,
      (found) => (found as { expiresUnixMs?: number } | undefined)?.expiresUnixMs === 8e12,
    );
    assert.deepEqual(record?.resourceIds, [wiki, files].sort());
    const list = await world.must('GET', `/credentials?resourceId=${files}&method=service-token`);
    assert.deepEqual(
      list.items.map((item: { id: string }) => item.id),
      [made.id],
    );
  });

  test('what is wrong is refused, with a code that says what', async () => {
    const table: readonly (readonly [object, number, string])[] = [
      [{ method: 'pin', secret: '12345' }, 400, 'secret-weak'],
      [{ method: 'pin', secret: '123456' }, 400, 'secret-weak'],
      [{ method: 'pin', secret: '93857a' }, 400, 'secret-weak'],
      [{ method: 'pin', secret: '830271' }, 409, 'credential-taken'],
      [{ method: 'resource-password', secret: 'short' }, 400, 'secret-weak'],
      [{ method: 'header', username: 'scanner' }, 409, 'credential-taken'],
      [{ method: 'header' }, 400, 'request-invalid'],
      [{ method: 'header', username: 'a:b' }, 400, 'request-invalid'],
      [{ method: 'service-token', secret: 'chosen by somebody' }, 400, 'secret-not-chosen'],
      [{ method: 'service-token', maximumUses: 3 }, 400, 'request-invalid'],
      [{ method: 'share-link', pathPrefix: '/a/../b' }, 400, 'path-invalid'],
      [{ method: 'share-link', pathPrefix: 'docs' }, 400, 'path-invalid'],
      [{ method: 'share-link', pathPrefix: '/\ud800' }, 400, 'path-invalid'],
      [{ method: 'share-link', resourceIds: ['res_none'] }, 400, 'resource-unknown'],
      [{ method: 'share-link', resourceIds: [] }, 400, 'request-invalid'],
    ];
    for (const [body, status, code] of table) {
      const answer = await world.api('POST', '/credentials', { name: 'n', resourceIds: [wiki], ...body });
      assert.deepEqual([answer.status, answer.body.code], [status, code], JSON.stringify(body));
    }
  });
});

test('a PIN that anybody would try is refused', () => {
  for (const pin of ['000000', '111112', '123456', '987654', '135791', '123123', '1212121', '12345', '1234567890123'])
    assert.notEqual(pinProblem(pin), undefined, pin);
  for (const pin of ['830274', '19283746', '602214076']) assert.equal(pinProblem(pin), undefined, pin);
});
