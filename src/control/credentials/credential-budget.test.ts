import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { sharedUses, TRY_ALLOWANCES } from '../../core/budget/index.ts';
import { ControlWorld, type PopWorld } from '../../testing/control-world.ts';

describe('what control counts for all PoPs', () => {
  const world = new ControlWorld();
  let pops: PopWorld[];
  let resourceId: string;

  before(async () => {
    await world.start();
    pops = [await world.addPop('Amsterdam'), await world.addPop('Berlin')];
    resourceId = (await world.must('POST', '/resources', { name: 'wiki', host: 'wiki.manis.localhost' })).id;
  });
  after(() => world.end());

  const ask = (pop: PopWorld | undefined, what: string, body: unknown) =>
    world.call('POST', `/internal/v1/credentials/${what}`, body, pop?.headers ?? {});
  const make = (body: object) =>
    world.must('POST', '/credentials', { name: 'n', resourceIds: [resourceId], ...body }) as Promise<{ id: string }>;

  for (const maximumUses of [1, 5, 20])
    test(`two PoPs that race for ${maximumUses} uses of a link get exactly those that no PoP keeps`, async () => {
      const { id } = await make({ method: 'share-link', maximumUses });
      const asked = Array.from({ length: 30 }, (_, i) => ask(pops[i % 2], 'use', { credentialId: id, version: 1 }));
      const granted = (await Promise.all(asked)).filter((answer) => answer.body.granted === true).length;
      assert.equal(granted, maximumUses - sharedUses(maximumUses));
      const shown = await world.must('GET', `/credentials/${id}`);
      assert.equal(shown.uses, granted);
      assert.equal(shown.state, granted === maximumUses ? 'used-up' : 'active');
      assert.ok(shown.lastUsedUnixMs > 0);
    });

  test('two PoPs that race for tries of a PIN get no more than the pool, and administrators are told', async () => {
    const { id } = await make({ method: 'pin' });
    const asked = Array.from({ length: 20 }, (_, i) => ask(pops[i % 2], 'tries', { credentialId: id, version: 1 }));
    const tries = (await Promise.all(asked)).reduce((sum, answer) => sum + answer.body.tries, 0);
    assert.equal(tries, TRY_ALLOWANCES.pin.pooled);
    assert.equal((await world.must('GET', `/credentials/${id}`)).state, 'attacked');
    const events = (await world.must('GET', '/audit')).items as { action: string; subject: string }[];
    const told = events.filter(({ action, subject }) => action === 'credential.attacked' && subject === id);
    assert.equal(told.length, 1, 'once for one attack');
    const rotated = await world.must('POST', `/credentials/${id}/rotate`, {});
    assert.equal(rotated.state, 'active');
    assert.equal((await ask(pops[0], 'tries', { credentialId: id, version: 1 })).body.tries, 0, 'of the old secret');
    assert.ok((await ask(pops[0], 'tries', { credentialId: id, version: 2 })).body.tries > 0);
  });

  test('what PoPs tell of use is added up, of this version alone', async () => {
    const { id } = await make({ method: 'service-token' });
    const report = (version: number, uses: number, lastUsedUnixMs: number) =>
      ask(pops[0], 'report', {
        reports: [{ credentialId: id, version, uses, lastUsedUnixMs, attackedUnixMs: null }],
      });
    assert.equal((await report(1, 3, 100)).status, 204);
    await report(1, 2, 50);
    await report(2, 9, 900);
    await report(0, 9, 900);
    const shown = await world.must('GET', `/credentials/${id}`);
    assert.deepEqual([shown.uses, shown.lastUsedUnixMs], [5, 100]);
    const unknown = { credentialId: 'crd_none', version: 1, uses: 1, lastUsedUnixMs: 1, attackedUnixMs: 1 };
    assert.equal((await ask(pops[0], 'report', { reports: [unknown] })).status, 204);
  });

  test('only a PoP whose link lives is answered', async () => {
    for (const what of ['tries', 'use', 'report'])
      assert.equal((await ask(undefined, what, { credentialId: 'c', version: 1 })).status, 403, what);
  });
});
