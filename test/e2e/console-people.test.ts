/** heavy: people, what lets them in and what ends that, in the console, with a real network, provider and browsers. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { BrowserContext, Page } from 'playwright-core';
import { faultsInEveryLook } from './axe.ts';
import { openChromium } from './chromium.ts';
import { hold, PASSWORD, signIn, type Visit, visitConsole } from './console-visit.ts';
import { RealProvider } from './identity-provider.ts';
import { manis, type Network, untilLive } from './network.ts';
import { openSettled } from './settled.ts';

describe('who administers people', { timeout: 400_000 }, () => {
  let visit: Visit | undefined;
  let network: Network;
  let provider: RealProvider;
  let others: BrowserContext;
  let page: Page;

  const at = (path: string) => visit?.at(path) ?? '';
  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const dialog = () => page.getByRole('dialog');

  before(async (context) => {
    const expected = /status of (4|502)|ERR_FAILED/;
    visit = await visitConsole(context, { path: '/users', expected });
    if (!visit) return;
    ({ network, page } = visit);
    provider = await RealProvider.start(network.ca);
    others = await openChromium(network.ca, join(visit.folder, 'others'));
    await network.api('POST', '/users', { email: 'ann@example.com', name: 'Ann Lee', password: PASSWORD });
  });
  after(async () => {
    await others?.close();
    await provider?.stop();
    await visit?.close();
  });

  test('makes a role of rights in words, and a group that carries it', async () => {
    await page.goto(at('/users/roles'));
    await button('Add a role').click();
    await dialog().getByLabel('Name of the role').fill('helpdesk');
    await dialog().getByRole('button', { name: 'Add a role' }).click();
    await page.getByRole('heading', { level: 1, name: 'helpdesk' }).waitFor();
    await page.getByLabel('Change: Sessions').check();
    assert.ok(await page.getByLabel('See: Sessions').isChecked(), 'whoever changes something sees it');
    await button('Save').click();
    await page.getByText('The role helpdesk is saved.').waitFor();
    await page.goto(at('/users/groups'));
    await button('Add a group').click();
    await dialog().getByLabel('Name of the group').fill('office');
    await dialog().getByRole('button', { name: 'Add a group' }).click();
    await page.getByLabel('helpdesk').check();
    await page.getByLabel('Find somebody to add').fill('ann');
    await page.getByRole('button', { name: /Ann Lee/ }).click();
    await page.getByRole('cell', { name: 'Ann Lee' }).waitFor();
  });

  test('finds somebody, and sees what they are and may open', async () => {
    await page.goto(at('/users'));
    await page.getByLabel('Find a user by name or email').fill('lee');
    await page.getByRole('link', { name: 'Ann Lee' }).click();
    await page.getByRole('heading', { level: 1, name: 'Ann Lee' }).waitFor();
    assert.ok(await page.getByLabel('office').isChecked());
    await page.getByRole('link', { name: 'demo' }).waitFor();
    await page.getByText('No second factor: whoever has the password is in.').waitFor();
  });

  test('is shown again what is so where a change is refused: no last administrator, no address of another', async () => {
    await page.goto(at('/users'));
    await page.getByRole('link', { name: 'Administrator' }).click();
    await page.getByRole('heading', { level: 1, name: 'Administrator' }).waitFor();
    const box = page.getByLabel('owner', { exact: true });
    const letGo = await hold(page, '/users/*');
    await box.uncheck();
    assert.ok(await box.isEnabled(), 'who comes by keyboard is not thrown out of it');
    await letGo();
    await page.getByText(/this is the last/).waitFor();
    await page.locator('input:checked').and(box).waitFor();
    await button('Change').click();
    await dialog().getByLabel('Email address').fill('ann@example.com');
    await dialog().getByRole('button', { name: 'Save' }).click();
    await dialog().getByRole('alert').waitFor();
    await dialog().getByLabel('Email address').fill('root@example.com');
    await dialog().getByRole('button', { name: 'Save' }).click();
    await page.getByText('root@example.com').first().waitFor();
    await page.goto(at('/users'));
    await page.getByLabel('Find a user by name or email').fill('lee');
    await page.getByRole('link', { name: 'Ann Lee' }).click();
    await page.getByRole('heading', { level: 1, name: 'Ann Lee' }).waitFor();
  });

  test('leads nobody to the console who has nothing to administer, and says so there', async () => {
    await network.api('POST', '/users', { email: 'cy@example.com', name: 'Cy', password: PASSWORD });
    const cy = await others.newPage();
    await cy.goto(network.ready.dashboard);
    await signIn(cy, 'cy@example.com');
    await cy.getByRole('heading', { name: 'Applications' }).waitFor();
    assert.equal(await cy.getByRole('link', { name: 'Console' }).count(), 0);
    await cy.goto(at('/'));
    await cy.getByRole('heading', { name: 'Nothing to administer here' }).waitFor();
    await cy.close();
    await others.clearCookies();
  });

  test('ends a session, sees that it ended on every point of presence, and the browser is cut', async () => {
    const ann = await others.newPage();
    await ann.goto(network.ready.apps[0]?.url ?? '');
    await signIn(ann, 'ann@example.com');
    await ann.locator('#name', { hasText: 'Ann Lee' }).waitFor();
    await page.reload();
    await button('End it').click();
    await dialog()
      .getByText(/ends within a second/)
      .waitFor();
    await dialog().getByRole('button', { name: 'End it' }).click();
    await page.getByText('Ended on 2 of 2 points of presence').waitFor();
    await page.getByText('Not signed in anywhere.').waitFor();
    await ann.reload();
    await ann.getByRole('heading', { name: 'Sign in' }).waitFor();
    await ann.close();
  });

  test('disables somebody after being told what happens, and enables them again', async () => {
    await button('Disable').click();
    await dialog()
      .getByText(/The account stays/)
      .waitFor();
    await dialog().getByRole('button', { name: 'Disable' }).click();
    await button('Enable').click();
    await page.getByText('Ann Lee is enabled again.').waitFor();
  });

  test('invites somebody, sends it again, and revokes it', async () => {
    await page.goto(at('/users/invitations'));
    await button('Invite somebody').click();
    await dialog().getByLabel('Email address').fill('bob@example.com');
    await dialog().getByRole('button', { name: 'Invite somebody' }).click();
    const first = await dialog().locator('code').textContent();
    await button('Done').click();
    await button('Send again').click();
    const second = await dialog().locator('code').textContent();
    assert.notEqual(first, second);
    await button('Done').click();
    await button('Revoke').click();
    await dialog().getByRole('button', { name: 'Revoke' }).click();
    await page.getByText('Nobody is invited').waitFor();
  });

  test('makes a share link, has the policy take it, and a stranger opens it', async () => {
    await page.goto(at('/credentials'));
    await button('Make a link or token').click();
    await dialog().getByLabel('Name', { exact: true }).fill('For a guest');
    await dialog().getByText('demo', { exact: true }).click();
    await dialog().getByLabel('How often it may be opened').fill('3');
    await dialog().getByRole('button', { name: 'Make a link or token' }).click();
    await dialog().getByRole('button', { name: 'Let the policy take it' }).click();
    await dialog().getByText('The policy takes it from now on.').waitFor();
    const url = (await dialog().locator('code').textContent()) ?? '';
    await button('Done').click();
    untilLive(network.ready.dataDir);
    const stranger = await others.newPage();
    await others.clearCookies();
    await stranger.goto(url);
    await stranger.getByRole('button', { name: 'Open' }).click();
    await stranger.waitForURL(`${network.ready.apps[0]?.url}/**`);
    await stranger.locator('#headers').waitFor({ state: 'attached' });
    await button('Revoke').click();
    await dialog().getByRole('button', { name: 'Revoke' }).click();
    await page.getByText('Ended on 2 of 2 points of presence').waitFor();
    await stranger.reload();
    await stranger.getByRole('heading', { name: 'Sign in' }).waitFor();
    await stranger.close();
  });

  test('adds an identity provider, sees that it answers, and somebody comes in by it', async () => {
    await page.goto(at('/providers'));
    await page.getByRole('link', { name: 'Add a provider' }).click();
    await page.getByText('Any other').click();
    const redirectUri = `${network.ready.dashboard}/sign-in/provider/sso/callback`;
    await page.getByText(redirectUri).waitFor();
    const signedOutUri = `${network.ready.dashboard}/signed-out`;
    await provider.serve({ redirectUri, signedOutUri, backChannelLogoutUri: `${signedOutUri}/nowhere` });
    await page.getByLabel('Issuer').fill(provider.issuer);
    await page.getByLabel('Client ID').fill(provider.clientId);
    await page.getByLabel('Client secret').fill(provider.clientSecret);
    await page.getByLabel('The provider is at a private address').check();
    await button('Add the provider').click();
    await page.getByRole('heading', { level: 1, name: 'Single sign-on' }).waitFor();
    await button('Test the connection').click();
    await page.getByText('The provider answers, and its keys were read.').waitFor();
    await page.getByRole('link', { name: 'Sign in there and see the claims' }).waitFor();
    untilLive(network.ready.dataDir);
    const eva = await others.newPage();
    await others.clearCookies();
    await eva.goto(network.ready.apps[0]?.url ?? '');
    await eva.getByRole('link', { name: 'Continue with Single sign-on' }).click();
    await eva.fill('input[name=login]', 'eva');
    await eva.fill('input[name=password]', 'any');
    await eva.click('button[type=submit]');
    await eva.getByRole('button', { name: 'Continue' }).click();
    await eva.locator('#name', { hasText: 'eva' }).waitFor();
    await eva.close();
  });

  test('makes an API key with the rights that were ticked, and revokes it', async () => {
    await page.goto(at('/settings/keys'));
    await button('Make a key').click();
    await dialog().getByLabel('Name', { exact: true }).fill('Terraform');
    await dialog().getByLabel('Change: Applications and their targets').check();
    await dialog().getByRole('button', { name: 'Make a key' }).click();
    const key = (await dialog().locator('code').textContent()) ?? '';
    assert.match(key, /^mnk_/);
    await button('Done').click();
    await page.getByText('Changes applications and their targets').waitFor();
    const row = page.getByRole('row', { name: /Terraform/ });
    await row.getByRole('button', { name: 'Revoke' }).click();
    await dialog().getByRole('button', { name: 'Revoke' }).click();
    await page.getByText('Terraform is revoked.').waitFor();
  });

  test('asks everybody for a second factor, and is told where the mail server cannot be reached', async () => {
    await page.goto(at('/settings/sign-in'));
    await page.getByLabel('Time to set one up').selectOption({ label: '7 days' });
    await page.getByLabel('Everybody needs a second factor').check();
    await button('Save').click();
    await page.getByText('Saved; it holds on every point of presence in a moment.').waitFor();
    await page.goto(at('/settings/mail'));
    await page.getByLabel('Mail server').fill('127.0.0.1');
    await page.getByLabel('Port').fill('1');
    await page.getByLabel('From', { exact: true }).fill('manis@example.com');
    await button('Save').click();
    await button('Send a test mail').click();
    await page.getByRole('alert').waitFor();
    await button('Turn mail off').click();
    await dialog().getByRole('button', { name: 'Turn mail off' }).click();
    await page.getByText('No mail server yet').waitFor();
  });

  test('sees of a connector its tunnels, its link within and what runs, apart', async () => {
    await page.goto(at('/sites'));
    await page.getByRole('link', { name: 'home' }).click();
    await page.getByRole('heading', { level: 1, name: 'home' }).waitFor();
    assert.equal(await page.getByText('2 of 2', { exact: true }).count(), 2);
    await page.getByText(/^\d+\.\d+\.\d+$/).waitFor();
    await page.getByRole('table', { name: 'Applications behind this site' }).getByText('demo').waitFor();
  });

  test('sees what its network lets through, and what is blocked and what to do when something is', async () => {
    await page.getByText('Nothing stands in the way.').waitFor();
    const ways = page.getByRole('table', { name: 'Ways from local to points of presence' });
    await ways.getByText('gets through').first().waitFor();
    const { dataDir } = network.ready;
    manis(dataDir, 'drill', 'cut', 'Amsterdam');
    await button('Check now').click();
    await page.getByText('PoP Amsterdam is reached neither by UDP nor by TLS.').waitFor();
    await page.getByText(/Allow outbound UDP to/).waitFor();
    await ways.getByText('blocked or silent').first().waitFor();
    assert.match(manis(dataDir, 'connector', 'diagnosis', 'local'), /✗ PoP Amsterdam is reached neither/);
    manis(dataDir, 'drill', 'heal');
  });

  test('adds a WireGuard device to a site of its own, with its configuration', async () => {
    await page.goto(at('/sites'));
    await button('Add a site').click();
    await dialog().getByLabel('Name of the site').fill('attic');
    await dialog().getByRole('button', { name: 'Add a site' }).click();
    await page.getByRole('heading', { level: 1, name: 'attic' }).waitFor();
    await button('Add a device').click();
    await dialog().getByLabel('Name of the device').fill('router');
    await dialog().getByRole('button', { name: 'Add a device' }).click();
    assert.match((await dialog().locator('code').textContent()) ?? '', /\[Interface\]\nPrivateKey/);
    await button('Done').click();
    await page.getByRole('table', { name: 'WireGuard devices' }).getByText('router').waitFor();
  });

  test('empties a point of presence and takes it back, and gets the command for another one', async () => {
    await page.goto(at('/pops'));
    await page.getByRole('link', { name: 'Frankfurt' }).click();
    await page.getByText(/of a core$/).waitFor();
    await page.getByRole('table', { name: 'Who is connected' }).getByText('up').waitFor();
    await button('Drain').click();
    await dialog()
      .getByText(/taken out of DNS answers/)
      .waitFor();
    await dialog().getByRole('button', { name: 'Drain' }).click();
    await page.getByText('draining', { exact: true }).first().waitFor();
    await button('Take users again').click();
    await page.getByText('Frankfurt takes users again.').waitFor();
    await page.goto(at('/pops'));
    await button('Add a point of presence').click();
    await dialog().getByLabel('Name').fill('Berlin');
    await dialog().getByLabel('Latitude').fill('52.5');
    await dialog().getByLabel('Longitude').fill('13.4');
    await dialog().getByRole('button', { name: 'Make the command' }).click();
    await dialog()
      .getByText(/npx --yes https:\S+\/install\/manis-\S+\.tgz pop join mnp_/)
      .waitFor();
    await dialog().getByRole('tab', { name: 'systemd' }).click();
    await dialog()
      .getByText(/packaging\/systemd\/install pop \d+ <<'TOKEN'\s+mnp_/)
      .waitFor();
    await button('Done').click();
  });

  test('can do all of it with a screen reader, on a phone, in the dark', async () => {
    const first = async (path: string): Promise<string> => {
      const { body } = await network.api('GET', `${path}?limit=1`);
      return (body as { items: { id: string }[] }).items[0]?.id ?? '';
    };
    const paths = [
      ...['/users', '/users/groups', '/users/roles', '/users/invitations', '/sessions'],
      ...[`/users/${await first('/users')}`, `/users/groups/${await first('/groups')}`],
      `/users/roles/${await first('/roles')}`,
      ...['/providers', '/providers/new', `/providers/${await first('/providers')}`, '/credentials', '/settings'],
      ...['/sites', `/sites/${await first('/sites')}`, '/pops', `/pops/${await first('/pops')}`],
      ...['sign-in', 'mail', 'keys', 'authorities', 'installation'].map((page) => `/settings/${page}`),
    ];
    for (const path of paths) {
      await openSettled(page, at(path));
      assert.deepEqual(await faultsInEveryLook(page), [], path);
    }
  });

  test('met no error in the browser', () => assert.deepEqual(visit?.faults, []));
});
