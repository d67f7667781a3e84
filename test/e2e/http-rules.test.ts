/** heavy: the commands of docs/http-rules.md on a whole network: control, PoPs, connector, the demo behind it. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { freePortBase, manis, Network, remove, temporaryFolder, untilLive } from './network.ts';
import { Visitor } from './visitor.ts';

const PASSWORD = 'seven quiet otters at noon';
const EMAIL = 'owner@example.com';
const SETTINGS = `
routes:
  - name: who
    when: { path: { prefix: /who } }
    forward: { replaceRegex: { regex: "^/who/(am)/(i)$", with: "/{1}{2}" } }
  - name: hello
    when: { path: { prefix: /tools } }
    forward: { stripPrefix: /tools }
  - name: old
    when: { path: { exact: /old } }
    redirect: { to: /tools/whoami, status: 301 }
headers:
  preset: basic
  request: [{ set: X-Reader, value: "{user.email}" }]
compression: {}
limits: { uriBytes: 200 }
`;

describe('rules of HTTP', { timeout: 180_000 }, () => {
  const folder = temporaryFolder();
  const dataDir = join(folder, 'data');
  let network: Network;
  let visitor: Visitor;
  let demo: URL;

  before(async () => {
    writeFileSync(join(folder, 'password'), PASSWORD, { mode: 0o600 });
    writeFileSync(join(folder, 'http.yaml'), SETTINGS);
    const flags = ['--admin-email', EMAIL, '--admin-password-file', join(folder, 'password')];
    network = await Network.start(['--port-base', String(await freePortBase()), '--data-dir', dataDir, ...flags]);
    demo = new URL(network.ready.apps[0]?.url ?? '');
    visitor = new Visitor({ ca: network.ca });
    await visitor.signIn(`${demo.origin}/whoami`, EMAIL, PASSWORD);
    manis(dataDir, 'resource', 'http', 'apply', 'demo', join(folder, 'http.yaml'));
    untilLive(dataDir);
  });
  after(async () => {
    await network?.stop();
    remove(folder);
  });

  test('hold at every PoP, from the file to the application', async () => {
    const through = await visitor.ask(new URL(`${demo.origin}/tools/whoami`));
    assert.equal(through.status, 200);
    assert.match(through.text, /x-reader.{0,40}owner@example\.com/is);
    assert.equal(through.headers['x-content-type-options'], 'nosniff');
    const moved = await visitor.ask(new URL(`${demo.origin}/old`));
    assert.deepEqual([moved.status, moved.headers['location']], [301, '/tools/whoami']);
    assert.equal((await visitor.ask(new URL(`${demo.origin}/${'a'.repeat(200)}`))).status, 414);
  });

  test('and so does the switch of maintenance', async () => {
    manis(dataDir, 'resource', 'maintenance', 'demo', '--on', '--message', 'Back at ten');
    untilLive(dataDir);
    const page = await visitor.ask(new URL(`${demo.origin}/whoami`));
    assert.deepEqual([page.status, /Back at ten/.test(page.text)], [503, true]);
    manis(dataDir, 'resource', 'maintenance', 'demo', '--off');
    untilLive(dataDir);
    assert.equal((await visitor.ask(new URL(`${demo.origin}/tools/whoami`))).status, 200);
  });
});
