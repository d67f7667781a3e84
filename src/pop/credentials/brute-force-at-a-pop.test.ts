// biome-ignore-all lint/suspicious/noThenProperty: a rule is written when and then; it is an object, so nothing awaits it
/** A short attack on a real PoP, over restarts, and on one whose record of tries is damaged. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { hash } from '@node-rs/argon2';
import { TRY_ALLOWANCES, TRY_WINDOW_MS } from '../../core/budget/index.ts';
import { PopBrowser } from '../../testing/pop-browser.ts';
import { APP_HOST, PopWorld, resource } from '../../testing/pop-world.ts';

const PIN = '830274';

describe('guessing a PIN at a PoP', () => {
  let world: PopWorld;

  before(async () => {
    world = await PopWorld.start();
    const backend = await world.listen(createServer((_request, response) => response.end('in')));
    const rule = { id: 'r', name: 'r', enabled: true, when: { all: [] } };
    const policy = { rules: [{ ...rule, then: { kind: 'authenticate', anyOf: { credentials: ['pin'] } } }] } as const;
    const secretHash = await hash(PIN, { timeCost: 1, memoryCost: 64 });
    world.publishBasics(resource(backend, { policy }), {
      ...{ kind: 'credential', id: 'crd', name: 'PIN', method: 'pin', resourceIds: ['app'], version: 1, secretHash },
    });
  });
  after(() => world.stop());

  const restart = async (): Promise<void> => {
    await world.pop.stop(0);
    await world.startPop();
  };

  /** Each from an address of its own. */
  let address = 1;
  const attacker = (): PopBrowser => {
    address++;
    return new PopBrowser(world, `127.1.${address >> 8}.${address & 255}`);
  };

  test('all of them together are judged as often as the share allows, restarts or not; who was in before gets in', async () => {
    const known = new PopBrowser(world);
    assert.equal((await known.submit(await known.open(APP_HOST, '/'), 'pin', { secret: PIN })).body, 'in');
    let judged = 0;
    let refused = 0;
    for (let i = 0; i < 60; i++) {
      if (i % 20 === 19) await restart();
      const browser = attacker();
      const page = await browser.open(APP_HOST, '/');
      const answer = await browser.submit(page, 'pin', { secret: String(100_000 + i) });
      if (answer.status === 401) judged++;
      else if (answer.status === 429) refused++;
      else assert.fail(`${answer.status} ${answer.body.slice(0, 200)}`);
    }
    assert.equal(judged, TRY_ALLOWANCES.pin.standing, 'there is one PoP and no control, so it has the whole share');
    assert.equal(refused, 60 - judged);
    const stranger = attacker();
    const answer = await stranger.submit(await stranger.open(APP_HOST, '/'), 'pin', { secret: PIN });
    assert.equal(answer.status, 429, 'the right one is not judged either');
    assert.match(answer.body, /nobody new is let in/);
    // Another address, and no session any more: what lets it try is the cookie at the portal.
    known.forget(APP_HOST);
    known.from = '127.0.9.9';
    assert.equal((await known.submit(await known.open(APP_HOST, '/'), 'pin', { secret: PIN })).body, 'in');
    const office = new PopBrowser(world);
    assert.equal(
      (await office.submit(await office.open(APP_HOST, '/'), 'pin', { secret: PIN })).body,
      'in',
      'its address',
    );
    world.clock.advance(TRY_WINDOW_MS);
    const later = attacker();
    assert.equal((await later.submit(await later.open(APP_HOST, '/'), 'pin', { secret: PIN })).body, 'in');
  });

  test('a damaged record of tries is no clean one', async () => {
    await world.pop.stop(0);
    await writeFile(join(world.dataDir, 'credentials.sealed'), 'something else');
    await world.startPop();
    const browser = attacker();
    const answer = await browser.submit(await browser.open(APP_HOST, '/'), 'pin', { secret: PIN });
    assert.equal(answer.status, 429);
    world.clock.advance(TRY_WINDOW_MS);
    const later = attacker();
    assert.equal((await later.submit(await later.open(APP_HOST, '/'), 'pin', { secret: PIN })).body, 'in');
  });
});
