/** What a member may open, as whoever administers is told. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ControlWorld } from '../../testing/control-world.ts';

const world = new ControlWorld();

before(() => world.start());
after(() => world.end());

function policy(anyOf: unknown) {
  // biome-ignore lint/suspicious/noThenProperty: a rule is written when and then; it is an object, so nothing awaits it
  return { rules: [{ id: 'people', name: 'People', when: { all: [] }, then: { kind: 'authenticate', anyOf } }] };
}

test('lists what the policies let a member open, and nothing of one who is disabled', async () => {
  await world.must('POST', '/roles', { name: 'engineering' });
  for (const [name, rules] of [
    ['wiki', policy('signed-in')],
    ['builds', policy({ roles: ['engineering'] })],
    ['closed', { rules: [] }],
  ] as const)
    await world.must('POST', '/resources', { name, host: `${name}.manis.localhost`, policy: rules });
  const { id } = await world.must('POST', '/users', { email: 'ann@example.org', name: 'Ann' });
  const names = async (): Promise<string[]> => {
    const { items } = await world.must('GET', `/users/${id}/applications`);
    return (items as { name: string }[]).map(({ name }) => name).sort();
  };
  assert.deepEqual(await names(), ['wiki']);
  await world.must('PATCH', `/users/${id}`, { roles: ['engineering'] });
  assert.deepEqual(await names(), ['builds', 'wiki']);
  await world.must('PATCH', `/users/${id}`, { disabled: true });
  assert.deepEqual(await names(), []);
});

test('knows nobody who is no member', async () => {
  const { status, body } = await world.call('GET', '/users/usr_nobody/applications');
  assert.deepEqual([status, body.code], [404, 'not-found']);
});
