/** Commands that change what is there, while somebody else changes it too, against a server that plays control. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { issueLeaf, openLocalCa } from '../../io/certificates.ts';
import { createRandom } from '../../io/random.ts';
import { withApi } from './connection.ts';
import { at, type ControlApi } from './control-api.ts';

interface Policy {
  readonly rules: readonly { readonly id: string }[];
}

describe('a change of what is there', () => {
  const folder = mkdtempSync(join(tmpdir(), 'manis-edit-'));
  let server: Server;
  let url = '';
  let policy: Policy | undefined;
  let writes = 0;
  /** What somebody else does as a write comes. */
  let between: () => void;
  const tag = () => `"${policy?.rules.map(({ id }) => id).join('-')}"`;

  before(async () => {
    const random = createRandom();
    const ca = await openLocalCa(folder, Date.now(), random);
    const leaf = issueLeaf(ca, { dns: [], ip: ['127.0.0.1'] }, Date.now(), random);
    server = createServer({ key: leaf.keyPem, cert: leaf.chainPem }, async (request, response) => {
      if (request.method === 'GET') {
        if (policy) return void response.setHeader('etag', tag()).end(JSON.stringify(policy));
        return void response.writeHead(404).end(JSON.stringify({ code: 'mail-not-set', detail: 'none' }));
      }
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      writes++;
      between();
      const { 'if-match': wanted, 'if-none-match': unwanted } = request.headers;
      const holds = policy ? wanted === tag() : unwanted === '*';
      if (!holds)
        return void response.writeHead(412).end(JSON.stringify({ code: 'precondition-failed', detail: 'changed' }));
      policy = JSON.parse(Buffer.concat(chunks).toString()) as Policy;
      response.end(JSON.stringify(policy));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  });
  beforeEach(() => {
    policy = { rules: [{ id: 'first' }] };
    writes = 0;
    between = () => undefined;
  });

  const call = (work: (api: ControlApi) => Promise<void>) =>
    withApi({ url, token: 'secret', ca: join(folder, 'ca.pem'), dataDir: folder, json: false }, work);
  const add = (api: ControlApi, id: string) =>
    api.edit('/resources/{id}/policy', at({ id: 'r1' }), ({ rules }) => ({ rules: [...rules, { id }] }));
  const theyAdd = (id: string) => {
    policy = { rules: [...(policy?.rules ?? []), { id }] };
  };

  test('is made of what was read, with its tag', () =>
    call(async (api) => {
      assert.deepEqual(await add(api, 'mine'), { rules: [{ id: 'first' }, { id: 'mine' }] });
      assert.equal(writes, 1);
    }));

  test('is made anew of what somebody else wrote in between', () =>
    call(async (api) => {
      between = () => {
        if (writes === 1) theyAdd('theirs');
      };
      assert.deepEqual(await add(api, 'mine'), { rules: [{ id: 'first' }, { id: 'theirs' }, { id: 'mine' }] });
      assert.equal(writes, 2);
    }));

  test('says what happened where others go on writing', () =>
    call(async (api) => {
      between = () => theyAdd(`theirs${writes}`);
      await assert.rejects(add(api, 'mine'), { name: 'ApiFailure', code: 'precondition-failed', status: 412 });
      assert.ok(policy?.rules.every(({ id }) => id !== 'mine'));
    }));

  test('of settings that nobody has made yet is one of those who make them at once', () =>
    call(async (api) => {
      policy = undefined;
      between = () => {
        if (writes === 1) theyAdd('theirs');
      };
      const seen: unknown[] = [];
      await api.editOrMake('/mail', 'mail-not-set', (now) => {
        seen.push(now);
        return { rules: [{ id: 'mine' }] } as never;
      });
      assert.deepEqual(seen, [undefined, { rules: [{ id: 'theirs' }] }]);
    }));
});
