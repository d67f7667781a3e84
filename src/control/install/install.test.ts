/** The program that control gives to machines that join, and the commands that fetch it. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Agent, request } from 'undici';
import { ControlWorld } from '../../testing/control-world.ts';
import { DOWNLOADS_PER_ADDRESS } from './constants.ts';
import { joinCommands } from './join-commands.ts';

const PATH = '/install/manis-9.9.9.tgz';

describe('the package that control gives away', () => {
  const root = mkdtempSync(join(tmpdir(), 'manis-install-'));
  const world = new ControlWorld();
  let agent: Agent;

  before(async () => {
    writeFileSync(join(root, 'a.js'), 'run()');
    writeFileSync(join(root, 'secret'), 'secret');
    writeFileSync(join(root, 'package.json'), JSON.stringify({ name: 'manis', version: '9.9.9', files: ['a.js'] }));
    await world.start({ packageRoot: root });
    agent = new Agent({ connect: { ca: readFileSync(world.control.caFile, 'utf8') } });
  });
  after(async () => {
    await agent.destroy();
    await world.end();
    rmSync(root, { recursive: true, force: true });
  });

  const get = async (path: string, headers = {}, method = 'GET') => {
    const answer = await request(world.control.url + path, { method: method as 'GET', headers, dispatcher: agent });
    return { ...answer, bytes: Buffer.from(await answer.body.arrayBuffer()) };
  };

  test('is whole, says its digest, and is asked for again without being sent again', async () => {
    const { statusCode, headers, bytes } = await get(PATH);
    assert.equal(statusCode, 200);
    assert.equal(headers['content-length'], String(bytes.length));
    assert.equal(headers['repr-digest'], `sha-512=:${createHash('sha512').update(bytes).digest('base64')}:`);
    assert.deepEqual(readFileSync(join(world.dataDir, 'install', 'manis-9.9.9.tgz')), bytes);
    for (const known of [headers['etag'], `"x", W/${headers['etag']}`, '*']) {
      const again = await get(PATH, { 'if-none-match': known });
      assert.deepEqual([again.statusCode, again.bytes.length], [304, 0], String(known));
    }
    const head = await get(PATH, {}, 'HEAD');
    assert.deepEqual([head.statusCode, head.headers['content-length']], [200, String(bytes.length)]);
    const listed = spawnSync('tar', ['-tz'], { input: bytes, encoding: 'utf8' }).stdout;
    assert.equal(listed, 'package/a.js\npackage/package.json\n');
  });

  test('has a name without a version, which leads to the one with it', async () => {
    const { statusCode, headers } = await get('/install/manis.tgz');
    assert.deepEqual([statusCode, headers['location']], [302, PATH]);
  });

  test('is of one version, and of nothing else on the disk', async () => {
    for (const path of ['/install/manis-1.0.0.tgz', '/install/..%2fcontrol.key', '/install/', '/install/secret']) {
      const { statusCode, bytes } = await get(path);
      assert.equal(statusCode, 404, path);
      assert.equal(JSON.parse(bytes.toString()).code, 'not-found');
    }
    assert.match((await get('/install/manis-1.0.0.tgz')).bytes.toString(), /control is of version 9\.9\.9/);
  });

  test('comes with a new token as three commands, of which each is one paste', async () => {
    const { id } = await world.must('POST', '/sites', { name: 'home' });
    const { commands, joinToken } = await world.must('POST', `/sites/${id}/enrolment-tokens`);
    for (const command of [commands.npx, commands.docker, commands.systemd]) {
      assert.ok(command.includes(`${world.control.url}${PATH}`), command);
      assert.ok(command.includes(joinToken));
      assert.ok(command.includes(readFileSync(world.control.caFile, 'utf8').trim()), 'other machines do not know it');
    }
    const location = { name: 'Oslo', latitude: 59.9, longitude: 10.7 };
    const pop = await world.must('POST', '/pops/enrolment-tokens', { name: 'oslo', location });
    assert.match(pop.commands.npx, /^NODE_EXTRA_CA_CERTS=\S+ npx --yes https:\/\/\S+ pop join mnp_/m);
  });

  test('is refused to an address that has had it too often, until later', async () => {
    let last = await get(PATH);
    for (let times = 0; times < DOWNLOADS_PER_ADDRESS && last.statusCode === 200; times++) last = await get(PATH);
    assert.equal(last.statusCode, 429);
    assert.equal(JSON.parse(last.bytes.toString()).code, 'download-rate-limited');
    assert.ok(Number(last.headers['retry-after']) > 0);
    assert.equal(last.headers['etag'], undefined);
  });
});

test('a node that is no package gives none, and its tokens come without commands', async () => {
  const world = new ControlWorld();
  await world.start();
  const { id } = await world.must('POST', '/sites', { name: 'home' });
  assert.equal((await world.must('POST', `/sites/${id}/enrolment-tokens`)).commands, undefined);
  assert.equal((await world.call('GET', '/install/manis.tgz')).status, 404);
  await world.end();
});

describe('a package that cannot be made', () => {
  const root = mkdtempSync(join(tmpdir(), 'manis-install-'));
  const world = new ControlWorld();
  after(async () => {
    await world.end();
    rmSync(root, { recursive: true, force: true });
  });

  test('is told in one line, and not tried at every request', async () => {
    writeFileSync(join(root, 'package.json'), JSON.stringify({ name: 'manis', version: '9.9.9', files: ['gone'] }));
    await world.start({ packageRoot: root });
    for (let times = 0; times < 3; times++) {
      const { status, body } = await world.call('GET', PATH);
      assert.deepEqual([status, body.code], [503, 'download-busy']);
    }
    assert.equal(world.logLines.filter((line) => line.includes('the package could not be made')).length, 1);
    assert.deepEqual(readdirSync(join(world.dataDir, 'install')), []);
  });
});

describe('the commands', () => {
  const TOKEN = 'mnc_secret.rest';
  const source = {
    ...{ role: 'connector' as const, token: TOKEN, publicPort: 443 },
    packageUrl: 'https://manis.example.com/install/manis-0.1.0.tgz',
  };
  const trusted = joinCommands(source);
  const untrusted = joinCommands({ ...source, caPem: 'PEM' });

  test('are sentences of a shell', () => {
    for (const command of [trusted, untrusted].flatMap((commands) => Object.values(commands)))
      assert.equal(spawnSync('sh', ['-n'], { input: command, encoding: 'utf8' }).stderr, '', command);
  });

  test('are short where the certificate is one that every machine knows', () =>
    assert.equal(trusted.npx, `npx --yes ${source.packageUrl} connector join ${TOKEN}`));

  test('keep the token of a service out of every list of processes', () => {
    const lines = trusted.systemd.split('\n').filter((line) => line.includes(TOKEN));
    assert.deepEqual(lines, [TOKEN]);
  });

  test('say on which port a PoP is to listen, where that is not the usual one', () => {
    assert.match(joinCommands({ ...source, role: 'pop' }).systemd, /systemd\/install pop <</);
    assert.match(joinCommands({ ...source, role: 'pop', publicPort: 8443 }).systemd, /systemd\/install pop 8443 <</);
    assert.match(joinCommands({ ...source, role: 'pop' }).docker, /--cap-add NET_BIND_SERVICE/);
    assert.doesNotMatch(trusted.docker, /NET_BIND_SERVICE/);
  });
});
