/** heavy: every process is killed in turn and comes back; a second start goes on with the same data. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePortBase, isAlive, Network, remove, startToEnd, temporaryFolder } from './network.ts';
import { type Answer, Visitor } from './visitor.ts';

const PASSWORD = 'seven quiet otters at noon';
const EMAIL = 'owner@example.com';

describe('a network that is hurt', { timeout: 240_000 }, () => {
  const folder = temporaryFolder();
  const dataDir = join(folder, 'data');
  const passwordFile = join(folder, 'password');
  let network: Network;
  let visitor: Visitor;
  let demo = '';

  before(async () => {
    writeFileSync(passwordFile, `${PASSWORD}\n`, { mode: 0o600 });
    const flags = ['--admin-email', EMAIL, '--admin-password-file', passwordFile];
    network = await Network.start(['--port-base', String(await freePortBase()), '--data-dir', dataDir, ...flags]);
    demo = `${network.ready.apps[0]?.url}/whoami`;
    visitor = new Visitor({ ca: network.ca });
  });
  after(async () => {
    await network?.stop();
    remove(folder);
  });

  /** The application's answer once it answers again, by one PoP. */
  async function eventually(endpoint: string): Promise<Answer> {
    let last: unknown;
    for (let i = 0; i < 60; i++) {
      try {
        const answer = await visitor.via(endpoint).open(demo);
        if (answer.status === 200) return answer;
        last = answer.status;
      } catch (error) {
        last = error;
      }
      await sleep(250);
    }
    throw new Error(`no answer by ${endpoint}: ${last}`);
  }

  test('has no link to set up where the password was given', () => {
    assert.deepEqual(network.ready.admin, { email: EMAIL, setupUrl: null });
  });

  test('lets nobody in before signing in, by any PoP', async () => {
    for (const pop of network.ready.pops) {
      const answer = await new Visitor({ ca: network.ca, via: pop.https }).ask(new URL(demo));
      assert.equal(answer.status, 302);
      assert.match(answer.headers.location ?? '', /^https:\/\/manis\.localhost:/);
    }
  });

  test('serves a person who signed in at one PoP by the other as well', async () => {
    const answer = await visitor.signIn(demo, EMAIL, PASSWORD);
    assert.equal(answer.status, 200, answer.text);
    for (const pop of network.ready.pops) {
      assert.equal(JSON.parse((await eventually(pop.https)).text).email, EMAIL);
    }
  });

  const names = ['demo', 'connector', 'pop-1', 'pop-2', 'control'] as const;
  for (const name of names) {
    test(`heals when ${name} is killed`, async () => {
      const { ready } = network;
      const pids = {
        demo: ready.demo?.pid,
        connector: ready.connector.pid,
        'pop-1': ready.pops[0]?.pid,
        'pop-2': ready.pops[1]?.pid,
        control: ready.control.pid,
      };
      const pid = pids[name] ?? 0;
      const mark = network.said;
      process.kill(pid, 'SIGKILL');
      await network.nextEvent(mark, (event) => event.event === 'process-died' && event.name === name);
      const back = await network.nextEvent(mark, (event) => event.event === 'process-back' && event.name === name);
      assert.notEqual('pid' in back && back.pid, pid);
      for (const pop of ready.pops) assert.equal((await eventually(pop.https)).status, 200);
    });
  }

  test('serves a signed-in person while control is stopped', async () => {
    process.kill(currentPid('control'), 'SIGSTOP');
    try {
      for (const pop of network.ready.pops) assert.equal((await visitor.via(pop.https).ask(new URL(demo))).status, 200);
    } finally {
      process.kill(currentPid('control'), 'SIGCONT');
    }
  });

  test('refuses a second start on its folder', async () => {
    const { exitCode, stderr } = await startToEnd(['--data-dir', dataDir]);
    assert.match(stderr, /in use/);
    assert.notEqual(exitCode, 0);
  });

  test('stops whole, and the next start goes on with the same data', async () => {
    assert.equal(await network.stop(), 0);
    network = await Network.start(['--data-dir', dataDir]);
    assert.equal(network.ready.apps[0]?.url, new URL(demo).origin);
    assert.equal(network.ready.admin.setupUrl, null);
    for (const pop of network.ready.pops) assert.equal((await eventually(pop.https)).status, 200);
  });

  test('leaves nothing behind when its parent is killed', async () => {
    const { ready } = network;
    const pids = [ready.control.pid, ready.connector.pid, ready.demo?.pid ?? 0, ...ready.pops.map((pop) => pop.pid)];
    process.kill(network.pid, 'SIGKILL');
    for (let i = 0; i < 100 && pids.some(isAlive); i++) await sleep(200);
    assert.deepEqual(pids.filter(isAlive), []);
  });

  /** Of the process that runs now under a name. */
  function currentPid(name: string): number {
    return network.lastPid(name) ?? network.ready.control.pid;
  }
});
