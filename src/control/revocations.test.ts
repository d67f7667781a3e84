import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ControlWorld, type PopWorld } from '../testing/control-world.ts';

const world = new ControlWorld();
let ams: PopWorld;
let osl: PopWorld;
before(async () => {
  await world.start();
  ams = await world.addPop('ams');
  osl = await world.addPop('osl');
});
after(() => world.end());

const latest = () => world.must('GET', '/revocations/latest');

async function revoke(): Promise<{ sequence: number }> {
  const before = (await latest()).position.sequence;
  const email = `user${before}@example.com`;
  const { id } = await world.must('POST', '/users', { email, name: 'Ada', password: 'seven quiet otters at noon' });
  await world.must('PATCH', `/users/${id}`, { disabled: true });
  const { position } = await latest();
  assert.ok(position.sequence > before);
  return position;
}

test('the API says when a revocation was made and when each PoP confirmed it', async () => {
  const { sequence } = await revoke();
  await ams.until(() => ams.revocations.position.sequence >= sequence);
  await osl.until(() => osl.revocations.position.sequence >= sequence);
  let progress = await latest();
  while (progress.acknowledged < 2) progress = await world.must('GET', `/revocations/${sequence}`);
  assert.deepEqual([progress.of, progress.position.sequence], [2, sequence]);
  for (const pop of progress.pops) {
    assert.deepEqual([pop.connected, pop.acknowledged], [true, true]);
    assert.ok(pop.acknowledgedUnixMs >= progress.madeUnixMs);
  }
});

test('a PoP that is cut off is named, and confirms when it is back', async () => {
  osl.client.stop();
  while ((await latest()).pops[1].connected) await new Promise((resolve) => setImmediate(resolve));
  const { sequence } = await revoke();
  await ams.until(() => ams.revocations.position.sequence >= sequence);
  let progress = await latest();
  while (progress.acknowledged < 1) progress = await latest();
  assert.deepEqual(
    progress.pops.map((pop: { name: string; connected: boolean; acknowledged: boolean }) => [
      pop.name,
      pop.connected,
      pop.acknowledged,
    ]),
    [
      ['ams', true, true],
      ['osl', false, false],
    ],
  );
});

test('a revocation that was not made is not found', async () => {
  assert.equal((await world.api('GET', '/revocations/999999')).body.code, 'not-found');
  assert.equal((await world.api('GET', '/revocations/none')).body.code, 'request-invalid');
});
