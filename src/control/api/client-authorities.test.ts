import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Issued, issue, revocationList } from '../../testing/client-pki.ts';
import { type Answer, ControlWorld } from '../../testing/control-world.ts';

describe('client authorities', () => {
  const world = new ControlWorld();
  let root: Issued;
  let resourceId: string;
  before(async () => {
    await world.start();
    root = await issue(Date.now(), { name: 'Root', isAuthority: true });
    const host = 'api.manis.localhost';
    resourceId = (await world.must('POST', '/resources', { name: 'Api', host, policy: { rules: [] } })).id;
  });
  after(() => world.end());
  const refused = ({ status, body }: Answer) => [status, body.code];
  const add = (changes: object) =>
    world.api('POST', '/client-authorities', { name: 'Robots', certificatePem: root.certificatePem, ...changes });

  test('are told to PoPs with what they revoked, and no longer once they are removed', async () => {
    const pop = await world.addPop('One');
    const crlPem = await revocationList(Date.now(), root, ['0a01', 'ff']);
    const made = await add({ resourceIds: [resourceId], crlPem, fingerprints: ['AA'.repeat(32)] });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    assert.equal(made.body.revoked, 2);
    const find = () => pop.find('clientAuthority', made.body.id);
    await pop.until(() => find() !== undefined);
    assert.deepEqual(find()?.revokedSerials, ['a01', 'ff']);
    assert.deepEqual(find()?.fingerprints, ['aa'.repeat(32)]);
    assert.deepEqual(find()?.resourceIds, [resourceId]);
    assert.ok((find()?.revocationsUntilUnixMs ?? 0) > Date.now());
    const changed = await world.must('PATCH', `/client-authorities/${made.body.id}`, { resourceIds: [] });
    assert.deepEqual([changed.resourceIds, changed.revoked], [[], 2], 'the rest stays');
    await world.api('DELETE', `/client-authorities/${made.body.id}`);
    await pop.until(() => find() === undefined);
    const { items } = await world.must('GET', '/audit');
    assert.equal(items[0].action, 'client-authority.remove');
  });

  test('are refused where they could vouch for nothing, or for what is not theirs', async () => {
    const leaf = await issue(Date.now(), { name: 'leaf' }, root);
    const other = await issue(Date.now(), { name: 'Root', isAuthority: true });
    const cases: readonly [object, string][] = [
      [{ certificatePem: null }, 'client-authority-invalid'],
      [{ certificatePem: 'nonsense' }, 'client-authority-invalid'],
      [{ certificatePem: leaf.certificatePem }, 'client-authority-invalid'],
      [{ crlPem: 'nonsense' }, 'revocation-list-invalid'],
      [{ crlPem: await revocationList(Date.now(), other, ['01']) }, 'revocation-list-invalid'],
      [{ certificatePem: null, fingerprints: ['aa'.repeat(32)], crlPem: 'x' }, 'revocation-list-invalid'],
      [{ fingerprints: ['aa'] }, 'request-invalid'],
      [{ resourceIds: ['res_other'] }, 'resource-unknown'],
    ];
    for (const [changes, code] of cases) assert.deepEqual(refused(await add(changes)), [400, code], code);
    assert.equal((await world.must('GET', '/client-authorities')).items.length, 0);
  });
});
