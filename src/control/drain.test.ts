import assert from 'node:assert/strict';
import { test } from 'node:test';
import { controlWithPop } from '../testing/control-with-pop.ts';
import { ControlWorld, type PopWorld } from '../testing/control-world.ts';

let pop: PopWorld;
const world = controlWithPop((one) => {
  pop = one;
});

const isDraining = () => pop.find('pop', pop.enrolled.popId)?.draining ?? false;

test('an administrator drains a PoP: snapshot, grants and status say so, until it is resumed', async () => {
  const id = pop.enrolled.popId;
  const site = await world.must('POST', '/sites', { name: 'home' });
  assert.deepEqual(await world.must('POST', `/pops/${id}/drain`, {}), { id, draining: true });
  await pop.until(isDraining);
  const grantedTo = () => JSON.parse(pop.find('siteGrant', site.id)?.signed.payload ?? '{}').pops?.[0];
  await pop.until(() => grantedTo()?.draining === true);
  assert.equal((await world.must('GET', `/pops/${id}`)).draining, true);
  assert.equal((await world.must('GET', '/status')).pops[0].draining, true);
  await world.must('POST', `/pops/${id}/resume`, {});
  await pop.until(() => !isDraining());
  assert.equal((await world.must('GET', '/status')).pops[0].draining, false);
  const { items } = await world.must('GET', '/audit');
  assert.deepEqual(
    items.slice(0, 2).map((event: { action: string }) => event.action),
    ['pop.resume', 'pop.drain'],
  );
});

test('a PoP that is about to stop is shown as draining', async () => {
  const load = { connections: 70, capacity: 100, cpu: 0.25, memoryBytes: 1e8 };
  pop.client.send({ type: 'status', connectors: [], draining: true, clockSkewMs: 86_400_000, load });
  for (;;) if ((await world.must('GET', '/status')).pops[0].draining) break;
  assert.equal((await world.must('GET', '/status')).pops[0].clockSkewMs, 86_400_000);
  assert.deepEqual((await world.must('GET', '/status')).pops[0].load, load);
  assert.equal(world.logLines.filter((line) => line.includes('the clock of a PoP is wrong')).length, 1);
  assert.equal(isDraining(), false, 'what a PoP says of itself is not published');
});

test('a node that does not exist is not drained', async () => {
  for (const nodes of ['pops', 'connectors'])
    assert.equal((await world.api('POST', `/${nodes}/nobody/drain`, {})).body.code, 'not-found');
});

test('a control node that stops asks its PoPs to move, and waits until they have gone', async () => {
  const patient = new ControlWorld();
  await patient.start({ drainMs: 60_000 });
  const { client } = await patient.addPop('ams');
  const stopped = patient.stop();
  client.stop();
  await stopped;
  await patient.end();
});
