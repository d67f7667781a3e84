/** heavy: `manis login`: the code of a program, typed in Chromium. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { BrowserContext, Page } from 'playwright-core';
import { requireTools } from '../interop/requirements.ts';
import { faultsOfPage } from './axe.ts';
import { CHROMIUM, openChromium } from './chromium.ts';
import { freePortBase, MANIS, Network, remove, temporaryFolder } from './network.ts';

const PASSWORD = 'seven quiet otters at noon';
const EMAIL = 'admin@manis.localhost';

describe('a person signs a program in', { timeout: 240_000 }, () => {
  const folder = temporaryFolder();
  const env = { ...process.env, HOME: folder };
  const kept = join(folder, '.config/manis/profiles.json');
  let network: Network;
  let browser: BrowserContext;
  let page: Page;

  const login = async (...place: readonly string[]) => {
    const flags = ['--no-browser', '--data-dir', network.ready.dataDir];
    const child = spawn('node', [MANIS, 'login', ...place, ...flags], { env });
    let text = '';
    for await (const chunk of child.stderr) {
      text += chunk;
      const [, url, code] = /Open (\S+) in a browser and type the code\s+(\S+)/.exec(text) ?? [];
      if (url !== undefined && code !== undefined) {
        const ended = once(child, 'exit');
        return { child, url, code, ended };
      }
    }
    throw new Error(text);
  };
  const run = (...args: readonly string[]) => {
    const { status, stdout, stderr } = spawnSync('node', [MANIS, ...args], { env, encoding: 'utf8' });
    return { status, stdout, stderr };
  };
  const whoami = () => run('whoami', '--json', '--data-dir', join(folder, 'nowhere'));

  const fits = async () => assert.deepEqual(await faultsOfPage(page), []);

  before(async (context) => {
    if (!requireTools(context as never, [CHROMIUM])) return;
    const passwordFile = join(folder, 'password');
    writeFileSync(passwordFile, PASSWORD);
    const ports = ['--port-base', String(await freePortBase()), '--data-dir', join(folder, 'data')];
    network = await Network.start([...ports, '--admin-password-file', passwordFile]);
    browser = await openChromium(network.ca, join(folder, 'profile'));
    page = await browser.newPage();
    page.setDefaultTimeout(20_000);
  });
  after(async () => {
    await browser?.close();
    await network?.stop();
    remove(folder);
  });

  test('who types the code and looks signs it in; the token is for this person alone', async () => {
    // The address that the browser shows, a name below localhost that resolvers need not know.
    const { url, code, ended } = await login(network.ready.dashboard);
    assert.match(code, /^[B-Z]{4}-[B-Z]{4}$/);
    await page.goto(url);
    await page.fill('#email', EMAIL);
    await page.fill('#password', PASSWORD);
    await page.press('#password', 'Enter');
    await fits();
    await page.fill('#code', 'BBBB-BBBB');
    await page.press('#code', 'Enter');
    await page.getByText('There is no such code').waitFor();
    await page.fill('#code', code.toLowerCase());
    await page.press('#code', 'Enter');
    await page.getByRole('heading', { name: 'Sign in manis?' }).waitFor();
    await page.getByText('127.0.0.1').first().waitFor();
    await fits();
    await page.getByRole('button', { name: 'Sign it in' }).click();
    await page.getByRole('heading', { name: 'Signed in' }).waitFor();
    assert.deepEqual((await ended)[0], 0);
    assert.equal(statSync(kept).mode & 0o777, 0o600);
    const me = JSON.parse(whoami().stdout) as { email: string; profile: string };
    assert.deepEqual([me.email, me.profile], [EMAIL, 'default']);
  });

  test('who signs out is out: at control, too', async () => {
    const { profiles } = JSON.parse(readFileSync(kept, 'utf8')) as { profiles: { default: { token: string } } };
    assert.equal(run('logout').status, 0);
    assert.match(whoami().stderr, /nobody is signed in/);
    const again = run(
      'whoami',
      '--url',
      network.ready.control.url,
      '--ca',
      network.ready.caFile,
      '--token',
      profiles.default.token,
    );
    assert.match(again.stderr, /unknown, has expired or has been revoked/);
  });

  test('a program that is refused is told so', async () => {
    const { url, code, ended } = await login();
    await page.goto(url);
    await page.fill('#code', code);
    await page.press('#code', 'Enter');
    await page.getByRole('button', { name: 'Refuse' }).click();
    await page.getByRole('heading', { name: 'Refused' }).waitFor();
    assert.equal((await ended)[0], 1);
    assert.match(whoami().stderr, /nobody is signed in/);
  });
});
