/** heavy: publishing in the console, in Chromium: policies and the simulator, targets, HTTP settings, domains. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { BrowserContext, Page } from 'playwright-core';
import { faultsInEveryLook } from './axe.ts';
import { ADMIN, type Visit, visitConsole } from './console-visit.ts';
import { openSettled } from './settled.ts';

describe('an administrator who publishes', { timeout: 400_000 }, () => {
  let visit: Visit | undefined;
  let browser: BrowserContext;
  let page: Page;
  let portBase = 0;
  let demoPath = '';

  const at = (path: string) => visit?.at(path) ?? '';

  before(async (context) => {
    // What is refused, or not there yet, is told by a status.
    visit = await visitConsole(context, { path: '/applications', expected: /status of 4/ });
    if (!visit) return;
    ({ browser, page, portBase } = visit);
    await page.getByRole('link', { name: 'demo', exact: true }).waitFor();
    demoPath = (await page.getByRole('link', { name: 'demo', exact: true }).getAttribute('href')) ?? '';
    demoPath = demoPath.replace('/console', '');
  });
  after(() => visit?.close());

  test('finds an application by a word, which the server looks for', async () => {
    await page.getByText('1 application', { exact: true }).waitFor();
    await page.getByLabel('Find an application').fill('nothing like it');
    await page.getByText('No application matches.').waitFor();
    await page.getByLabel('Find an application').fill('DEM');
    await page.getByText('1 matches').waitFor();
    await page.getByRole('link', { name: 'demo', exact: true }).waitFor();
  });

  test('writes a rule by the keyboard alone, and it counts', async () => {
    await page.goto(at(demoPath.replace('/applications/', '/policies/')));
    await focus(page.getByRole('button', { name: 'Add a rule' }));
    await page.keyboard.press('Enter');
    await focus(page.getByLabel('Name of the rule'));
    await page.keyboard.press('Control+A');
    await page.keyboard.type('Nobody below /closed');
    await focus(page.getByRole('button', { name: 'Add a condition' }));
    await page.keyboard.press('Enter');
    // Letters go to the menu once it has the focus, and Enter to what they found.
    await page.locator('[role=menuitem]:focus').waitFor();
    await page.keyboard.type('Path');
    await page.locator('[role=menuitem]:focus').getByText('Path', { exact: true }).waitFor();
    await page.keyboard.press('Enter');
    await focus(page.getByLabel('Pattern'));
    await page.keyboard.press('Control+A');
    await page.keyboard.type('/closed');
    await focus(page.getByRole('radio', { name: /^Let people in who sign in/ }));
    await page.keyboard.press('ArrowUp');
    await page.getByText('Refuse every request when the path begins with /closed.').waitFor();
    await focus(page.getByRole('button', { name: 'Move Nobody below /closed up' }));
    await page.keyboard.press('Enter');
    await page.getByText('Nobody below /closed is now rule 1 of 2.').waitFor();
    await focus(page.getByRole('button', { name: 'Save the rules' }));
    await page.keyboard.press('Enter');
    await page.getByText('The rules are in force.').waitFor();
    // What the point of presence says once the rule is there; until then the application answers.
    const demo = await browser.newPage();
    await assertSoon(
      async () => (await demo.goto(`https://demo.manis.localhost:${portBase}/closed/x`))?.status() === 403,
    );
    await demo.close();
  });

  test('asks the simulator, of the rules in force and of those that are not saved', async () => {
    await page.getByLabel('Path', { exact: true }).fill('/closed/door');
    await page.getByRole('button', { name: 'Ask' }).click();
    await page.getByText('Is refused', { exact: true }).waitFor();
    await page.getByText('Decided by “Nobody below /closed”.').waitFor();
    await page.getByText('These are the rules in force.').waitFor();
    await page.getByRole('button', { name: 'Switch off' }).click();
    await page.getByText('These are the rules as they stand here, not saved yet.').waitFor();
    await page.getByText('Is asked to sign in', { exact: true }).waitFor();
    await page.getByLabel('Who asks').selectOption('user');
    await page.getByLabel('Which member').fill('administra');
    await page.locator(`option[value="Administrator (${ADMIN})"]`).first().waitFor({ state: 'attached' });
    await page.getByLabel('Which member').press('Enter');
    await page.getByText('Comes in', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Discard' }).click();
  });

  test('is told what is wrong with a rule while it is written, and sees the same as text', async () => {
    await page.getByRole('tab', { name: 'As text' }).click();
    const text = page.getByLabel('The policy as text');
    const before = await text.inputValue();
    assert.match(before, /name: Nobody below \/closed/);
    await text.fill(before.replace('prefix: /closed', 'prefix: closed'));
    await page.getByText('One thing is wrong.').first().waitFor();
    assert.ok(await page.getByRole('button', { name: 'Save the rules' }).isDisabled());
    await page.getByRole('button', { name: 'Discard' }).click();
    await page.getByRole('tab', { name: 'Rules' }).click();
    await page.getByText('Otherwise: nobody comes in.').waitFor();
  });

  test('changes a target, and is told beside the field what is refused', async () => {
    await page.goto(at(demoPath));
    await page.getByRole('button', { name: /^Edit http/ }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Weight').fill('3');
    await dialog.getByLabel('Address behind the site').fill('gopher://x');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByText(/Expected http:\/\/host:port/).waitFor();
    await dialog.getByLabel('Address behind the site').fill(`http://127.0.0.1:${portBase + 6}`);
    await dialog.getByLabel('How it is checked').selectOption('http');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await page.getByText(/HTTP check every/).waitFor();
    await page.getByRole('img', { name: /% of the/ }).waitFor();
  });

  test('routes, sets a header field, and switches maintenance on and off', async () => {
    await page.getByRole('tab', { name: 'Headers' }).click();
    await page.getByRole('group', { name: 'To the browser' }).getByRole('button', { name: 'Add a field' }).click();
    await page.getByPlaceholder('Field').fill('x-published-by');
    await page.getByPlaceholder('Value').fill('{resource.name}');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.').first().waitFor();
    await page.getByRole('tab', { name: 'Routing' }).click();
    await page.getByRole('button', { name: 'Add a route' }).click();
    await page.getByLabel('Pattern').fill('/old');
    await page.getByRole('radio', { name: /^Redirect/ }).check();
    await page.getByRole('textbox', { name: 'To', exact: true }).fill('/new');
    await page.getByText('/old and below is redirected to /new (302)').waitFor();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('button', { name: 'Save' }).waitFor({ state: 'detached' });
    const demo = await browser.newPage();
    await assertSoon(async () => {
      const answer = await demo.goto(`https://demo.manis.localhost:${portBase}/old/x`);
      return new URL(demo.url()).pathname === '/new' && answer?.headers()['x-published-by'] === 'demo';
    });
    await demo.close();
  });

  test('adds a domain, and gets the records to copy with what is seen of them', async () => {
    await page.goto(at('/domains'));
    await page.getByRole('button', { name: 'Add a domain' }).first().click();
    await page.getByLabel('Domain', { exact: true }).fill('apps.example.test');
    await page.getByRole('dialog').getByRole('button', { name: 'Add a domain' }).click();
    await page.getByRole('heading', { level: 1, name: 'apps.example.test' }).waitFor();
    await page.getByText('Leads people to the points of presence').waitFor();
    await page.getByText('*.apps.example.test', { exact: true }).waitFor();
    await page.getByText('not there yet').first().waitFor();
    await page.goto(at('/applications/new'));
    await page.getByLabel('Name', { exact: true }).fill('Second');
    await page.getByLabel('Domain').selectOption('apps.example.test');
    assert.equal(await page.getByLabel('Host name').inputValue(), 'second.apps.example.test');
  });

  test('publishes a port that speaks no HTTP', async () => {
    await page.goto(at('/applications/new'));
    await page.getByRole('radio', { name: /^A TCP port/ }).check();
    await page.getByLabel('Name', { exact: true }).fill('Database');
    await page.getByLabel('Port', { exact: true }).fill(String(portBase + 9));
    await page.getByRole('button', { name: 'Publish an application' }).click();
    await page.getByRole('heading', { level: 1, name: 'Database' }).waitFor();
    await page.getByRole('tab', { name: 'Ports' }).click();
    await page
      .getByText(`${portBase + 9}: open`)
      .first()
      .waitFor();
  });

  describe('at the same time as somebody else', () => {
    let other: Page;

    before(async () => {
      if (!visit) return;
      other = await browser.newPage();
      other.setDefaultTimeout(20_000);
    });
    after(() => other?.close());

    test('loses no rule to them: sees what differs, looks at theirs, and goes on with both', async () => {
      const path = demoPath.replace('/applications/', '/policies/');
      for (const one of [page, other]) await one.goto(at(path));
      await addRule(page, 'Mine');
      await addRule(other, 'Theirs');
      await saveRules(other);
      // The stream has told this page by now, and the rule that is not saved is there still.
      await page.getByRole('button', { name: 'Save the rules' }).click();
      const note = page.getByRole('region', { name: CONFLICT });
      await note.getByText('Nothing was saved, and nothing that you typed is lost.').waitFor();
      for (const said of [/^Theirs: Allow/, /^Mine: Allow/]) await note.getByText(said).waitFor();
      assert.deepEqual(await ruleNames(page), ['Mine']);
      await note.getByRole('button', { name: 'Show their version' }).click();
      assert.deepEqual(await ruleNames(page), ['Theirs']);
      await note.getByRole('button', { name: 'Back to mine' }).click();
      assert.deepEqual(await ruleNames(page), ['Mine']);
      await note.getByRole('button', { name: 'Save mine over it' }).click();
      await page.getByText('The rules are in force.').waitFor();
      await note.waitFor({ state: 'hidden' });
      const saved = (await visit?.network.api('GET', `/resources/${demoPath.split('/').at(-1)}/policy`))?.body;
      assert.match(JSON.stringify(saved), /"name":"Mine"/);
      assert.doesNotMatch(JSON.stringify(saved), /"name":"Theirs"/);
    });

    test('is asked where both changed one field, and not where they changed different ones', async () => {
      for (const one of [page, other]) await one.goto(at(`${demoPath}?tab=settings`));
      const name = (one: Page) => one.getByLabel('Name', { exact: true });
      await name(page).fill('Wiki');
      await other.getByLabel('Sticky').selectOption('cookie');
      await name(other).fill('Handbook');
      await other.getByRole('button', { name: 'Save' }).click();
      await untilSaved(other);
      await page.getByRole('button', { name: 'Save' }).click();
      const note = page.getByRole('region', { name: CONFLICT });
      await note.getByText('Handbook', { exact: true }).waitFor();
      assert.equal(await name(page).inputValue(), 'Wiki');
      assert.deepEqual(await faultsInEveryLook(page), []);
      await note.getByRole('button', { name: 'Save mine over it' }).click();
      await untilSaved(page);
      await other.reload();
      await other.getByRole('heading', { level: 1, name: 'Wiki' }).waitFor();
      // What only they changed is as they made it.
      assert.equal(await page.getByLabel('Sticky').inputValue(), 'cookie');
      await name(other).fill('demo');
      await page.getByLabel('Sticky').selectOption('none');
      for (const one of [page, other]) {
        await one.getByRole('button', { name: 'Save' }).click();
        await untilSaved(one);
      }
      for (const one of [page, other]) {
        await one.reload();
        await one.getByRole('heading', { level: 1, name: 'demo' }).waitFor();
        assert.equal(await one.getByLabel('Sticky').inputValue(), 'none');
      }
    });
  });

  for (const [path, title] of [
    ['/applications', 'Applications'],
    ['/applications/new', 'Publish an application'],
    ['', 'demo'],
    ['?tab=access', 'demo'],
    ['?tab=routing', 'demo'],
    ['?tab=headers', 'demo'],
    ['?tab=protocol', 'demo'],
    ['?tab=settings', 'demo'],
    ['policy', 'Policy of demo'],
    ['/policies', 'Policies'],
    ['/policies/organisation', 'Before every application'],
    ['/simulator', 'Simulator'],
    ['/domains', 'Domains'],
    ['/domains/providers', 'DNS providers'],
    ['/certificates', 'Certificates'],
    ['/certificates/own', 'Your own certificates'],
    ['/certificates/acme', 'Certificates from ACME'],
  ] as const) {
    test(`can use "${title}"${path.startsWith('?') ? path : ''} with a screen reader, wide and light, narrow and dark`, async () => {
      const policy = demoPath.replace('/applications/', '/policies/');
      await openSettled(page, at(path === 'policy' ? policy : path.startsWith('/') ? path : demoPath + path));
      await page.getByRole('heading', { level: 1, name: title, exact: true }).waitFor();
      if (path === 'policy') {
        await page.getByRole('button', { name: /Refuse every request when the path/ }).click();
        await page.getByRole('button', { name: 'Ask' }).click();
        await page.getByRole('heading', { name: 'Rule by rule' }).waitFor();
      }
      assert.deepEqual(await faultsInEveryLook(page), []);
    });
  }

  test('met no error in the browser', () => assert.deepEqual(visit?.faults, []));
});

const CONFLICT = 'Somebody else changed this after you opened it';

async function addRule(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: 'Add a rule' }).click();
  await page.getByLabel('Name of the rule').fill(name);
}

async function saveRules(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Save the rules' }).click();
  await page.getByText('The rules are in force.').waitFor();
}

/** Until then the page shows what it hopes for; a form that is saved has no button for it. */
async function untilSaved(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Save', exact: true }).waitFor({ state: 'detached' });
}

/** Of the rules that these tests add. */
async function ruleNames(page: Page): Promise<string[]> {
  const labels = await page
    .getByRole('button', { name: /^Remove (Mine|Theirs)$/ })
    .evaluateAll((buttons) => buttons.map((button) => button.getAttribute('aria-label') ?? ''));
  return labels.map((label) => label.replace('Remove ', ''));
}

/** As who has no mouse comes to it: what follows are keys. */
async function focus(place: ReturnType<Page['getByRole']>): Promise<void> {
  await place.focus();
}

/** Waits for what a change brings about at the points of presence. */
async function assertSoon(holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 40; tries++) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  assert.fail('it did not come about');
}
