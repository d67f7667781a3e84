/** What enrolment refuses before there is a network. The rest of enrolment is proved in `control.test.ts`. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { parseJoinToken } from '../core/link/index.ts';
import { ControlWorld } from '../testing/control-world.ts';

const world = new ControlWorld();
before(() => world.start());
after(() => world.end());

test('a connector is refused while there is no PoP to go to, and its token is good afterwards', async () => {
  const site = await world.must('POST', '/sites', { name: 'home' });
  const { token, joinToken } = await world.must('POST', `/sites/${site.id}/enrolment-tokens`);
  const request = { token, wireguardKey: randomBytes(32).toString('base64'), name: 'c1' };
  const early = await world.call('POST', '/enrol/v1/connector', request);
  assert.deepEqual([early.status, early.body.code], [409, 'enrolment-no-pop']);
  await world.addPop('ams');
  const enrolled = await world.call('POST', '/enrol/v1/connector', request);
  assert.equal(enrolled.status, 201);
  assert.equal(
    parseJoinToken(joinToken as string)?.rootKey,
    enrolled.body.rootKey,
    'the token says whose answer is to come',
  );
});
