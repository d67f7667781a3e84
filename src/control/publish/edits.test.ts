// biome-ignore-all lint/suspicious/noThenProperty: a rule is written when and then; it is an object, so nothing awaits it
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { controlWithPop } from '../../testing/control-with-pop.ts';
import type { PopWorld } from '../../testing/control-world.ts';

let pop: PopWorld;
const world = controlWithPop((one) => {
  pop = one;
});

const policy = (name: string) => ({
  rules: [{ id: 'r', name, enabled: true, when: { all: [] }, then: { kind: 'deny' } }],
});
const nameAt = (id: string): string | undefined => pop.find('resource', id)?.policy.rules[0]?.name;

/** A PoP refuses a delta after which its state is not control's, so arriving is being right. */
test('edits of policies in any mixture with other changes arrive as they are', async () => {
  const ids: string[] = [];
  for (const host of ['a.example.com', 'b.example.com'])
    ids.push((await world.must('POST', '/resources', { name: host, host })).id);
  for (let i = 0; i < 12; i++) {
    const name = `edit ${i}`;
    const edits = ids.map((id) => world.must('PUT', `/resources/${id}/policy`, policy(name)));
    if (i % 3 === 1) edits.push(world.must('POST', '/sites', { name }));
    if (i % 3 === 2) edits.push(world.must('PUT', '/organisation/policy', policy(name)));
    if (i % 4 === 3) edits.push(world.must('PUT', `/lists/l${i}`, { kind: 'users', entries: ['a'] }));
    if (i % 4 === 1) edits.push(world.must('PATCH', `/resources/${ids[0]}`, { name }));
    await Promise.all(edits);
    await pop.until(() => ids.every((id) => nameAt(id) === name));
  }
  await world.must('PUT', `/resources/${ids[0]}/policy`, policy('last'));
  await world.must('POST', '/sites', { name: 'last' });
  await world.must('DELETE', '/lists/l3');
  await pop.until(
    () =>
      nameAt(ids[0] ?? '') === 'last' && pop.find('organisationPolicy', organisationId())?.lists['l3'] === undefined,
  );
  assert.equal(pop.find('organisationPolicy', organisationId())?.policy.rules[0]?.name, 'edit 11');
  assert.equal(pop.messages.filter(({ type }) => type === 'snapshot').length, 1, 'no delta was refused');
  const edited = await world.must('GET', `/resources/${ids[0]}`);
  assert.equal(edited.name, 'edit 9', 'the name that a full reading gave was not lost');
  assert.equal(pop.find('resource', ids[0] ?? '')?.name, 'edit 9');
});

test('the last list of an organisation that is removed takes its record along', async () => {
  await world.must('DELETE', '/lists/l7');
  await world.must('DELETE', '/lists/l11');
  await pop.until(() => Object.keys(pop.find('organisationPolicy', organisationId())?.lists ?? { x: 1 }).length === 0);
});

/** Otherwise whoever opens it first meets a failure of TLS. */
test('a host comes with its certificate', async () => {
  for (const host of ['one.example.org', 'two.example.org']) {
    const { id } = await world.must('POST', '/resources', { name: host, host });
    await pop.until(() => pop.find('resource', id) !== undefined);
    const delta = pop.messages.find(
      (message) => message.type === 'delta' && message.put.some((record) => record.id === id),
    );
    const put = delta?.type === 'delta' ? delta.put : [];
    assert.ok(
      put.some((record) => record.kind === 'certificate' && record.hosts.includes(host)),
      host,
    );
  }
});

const organisationId = (): string => pop.find('installation', 'installation')?.organisationId ?? '';
