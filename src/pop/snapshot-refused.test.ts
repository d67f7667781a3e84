import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LinkMessage } from '../io/link-attempt.ts';
import { createLog } from '../io/log.ts';
import { APP_HOST, PopWorld, PUBLIC, resource } from '../testing/pop-world.ts';

type Whole = LinkMessage & { type: 'snapshot' };

test('a snapshot that control did not sign, or that is older, changes nothing and is told of by its reason', async (t) => {
  const reasons: string[] = [];
  const destination = { write: (line: string) => void reasons.push(JSON.parse(line).reason) };
  const world = await PopWorld.start({ log: createLog({ level: 'error', destination }) });
  t.after(() => world.stop());
  const heard: Whole[] = [];
  const events = world.link.events as { received: (message: LinkMessage) => void };
  const received = events.received.bind(events);
  events.received = (message: LinkMessage) => {
    if (message.type === 'snapshot') heard.push(message);
    received(message);
  };
  world.publishBasics(resource(0, { policy: PUBLIC }));
  world.publish(resource(0, { policy: PUBLIC, name: 'newer' }));
  const [old, latest] = heard as [Whole, Whole];
  const forged = { ...latest.header, payload: `${latest.header.payload} ` };
  const cases: [reason: string, message: Whole][] = [
    ['bad-signature', { ...latest, header: forged }],
    ['state-hash-differs', { ...latest, records: latest.records.slice(1) }],
    ['version-older', old],
  ];
  for (const [reason, message] of cases) {
    received(message);
    assert.equal(reasons.at(-1), reason);
  }
  assert.equal(reasons.length, cases.length);
  assert.equal((await world.fetch(APP_HOST, '/')).status, 502);
});
