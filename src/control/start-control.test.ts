/** How control starts: what it needs, what it refuses, and that a given password stands for the set-up link. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Failure } from '../base/index.ts';
import { ControlWorld } from '../testing/control-world.ts';

async function withWorld(run: (world: ControlWorld) => Promise<void>): Promise<void> {
  const world = new ControlWorld();
  try {
    await run(world);
  } finally {
    await world.end();
  }
}

const failureOf = (work: Promise<unknown>): Promise<Failure | undefined> =>
  work.then(
    () => undefined,
    (error: unknown) => error as Failure,
  );

test('a new set-up link at each start, until it is used; the old one dies', () =>
  withWorld(async (world) => {
    const first = (await world.start()).setUp;
    await world.stop();
    const second = (await world.start()).setUp;
    assert.ok(first && second && first.token !== second.token);
    const pop = await world.addPop('ams');
    const read = async (token: string) =>
      (await world.call('GET', `/internal/v1/set-up/${token}`, undefined, pop.headers)).status;
    assert.deepEqual([await read(first.token), await read(second.token)], [404, 200]);
  }));

test('with a given password there is no link, at the first start or at a later one', () =>
  withWorld(async (world) => {
    assert.notEqual((await world.start({ firstAdmin: { email: 'boss@example.org' } })).setUp, null);
    await world.stop();
    const firstAdmin = { email: 'boss@example.org', password: 'a quiet long river' };
    assert.equal((await world.start({ firstAdmin })).setUp, null);
    const pop = await world.addPop('ams');
    const body = { ...firstAdmin, clientAddress: '::1' };
    assert.equal((await world.call('POST', '/internal/v1/sign-in', body, pop.headers)).status, 200);
    await world.stop();
    const another = { email: 'boss@example.org', password: 'something else entirely' };
    assert.equal((await world.start({ firstAdmin: another })).setUp, null);
    await pop.until(() => pop.link === null);
    const next = await world.addPop('fra');
    const again = await world.call('POST', '/internal/v1/sign-in', body, next.headers);
    assert.equal(again.status, 200, 'the password that is set stays');
  }));

test('what keeps control from starting is one sentence with a code, and the data stay free', () =>
  withWorld(async (world) => {
    const weak = await failureOf(world.start({ firstAdmin: { email: 'a@b.c', password: 'short' } }));
    assert.equal(weak?.code, 'password-weak');
    const { port } = await world.start();
    const other = new ControlWorld();
    const taken = await failureOf(other.start({ listen: { host: '127.0.0.1', port } }));
    assert.equal(taken?.code, 'listen-failed');
    assert.match(taken?.message ?? '', new RegExp(`control cannot listen on 127.0.0.1:${port}: the port is in use`));
    await other.start();
    await other.end();
    assert.equal((await failureOf(world.start()))?.code, 'store-locked');
    await world.stop();
    const fresh = new ControlWorld();
    writeFileSync(join(fresh.dataDir, 'ca.pem'), 'nonsense');
    assert.equal((await failureOf(fresh.start()))?.code, 'ca-unusable');
    await fresh.end();
  }));

test('the certificate is for the names that control is reached by', () =>
  withWorld(async (world) => {
    await world.start({ publicUrl: 'https://control.example:9443', extraNames: ['control.internal', '10.0.0.9'] });
    const row = world.control;
    assert.equal(row.url, 'https://control.example:9443');
    const { checkServerIdentity, connect } = await import('node:tls');
    for (const name of [
      'control.example',
      'control.internal',
      '10.0.0.9',
      'manis.localhost',
      'localhost',
      '127.0.0.1',
      '::1',
    ])
      await new Promise<void>((resolve, reject) => {
        const socket = connect({ host: '127.0.0.1', port: row.port, rejectUnauthorized: false }, () => {
          const wrong = checkServerIdentity(name, socket.getPeerCertificate());
          socket.destroy();
          if (wrong) reject(wrong);
          else resolve();
        });
        socket.once('error', reject);
      });
  }));
