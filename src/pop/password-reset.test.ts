import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { createLog } from '../io/log.ts';
import { hiddenInput, PopBrowser } from '../testing/pop-browser.ts';
import { type Answer, PORTAL_HOST, PopWorld } from '../testing/pop-world.ts';
import { type ControlReply, StandInControl } from '../testing/stand-in-control.ts';

const TOKEN = `mnx_${'r'.repeat(43)}`;
const PASSWORD = 'seven quiet herons wade';
const RESETS = '/internal/v1/password-resets';

let world: PopWorld;
let control: StandInControl;
let browser: PopBrowser;
const logLines: string[] = [];
/** In place of what control would say. */
let instead: Partial<Record<string, ControlReply>>;

before(async () => {
  const destination = { write: (line: string) => void logLines.push(line) };
  world = await PopWorld.start({ log: createLog({ level: 'debug', destination }) });
  control = new StandInControl(world);
  await control.start(({ path, body }) => {
    const isKnown = body['token'] === TOKEN;
    const usual: Record<string, ControlReply> = {
      [RESETS]: [202, {}],
      [`${RESETS}/read`]: isKnown ? [200, { email: 'ada@example.com' }] : [404, { code: 'password-reset-unknown' }],
      [`${RESETS}/finish`]: isKnown ? [204] : [404, { code: 'password-reset-unknown' }],
    };
    return instead[path] ?? usual[path] ?? [404, {}];
  });
});
after(() => world.stop());
beforeEach(() => {
  world.publishBasics({ kind: 'mail', id: 'org-1', codeSignIn: true });
  browser = new PopBrowser(world);
  control.calls.length = 0;
  instead = {};
});

const open = (path: string) => browser.go(PORTAL_HOST, path);
const ask = (page: Answer, email: string) =>
  browser.go(PORTAL_HOST, '/reset', { csrf: hiddenInput(page, 'csrf'), email });
const choose = (password: string, repeat = password, token = TOKEN) =>
  browser.go(PORTAL_HOST, `/reset/${token}`, { password, repeat });

describe('asking for a new password', () => {
  test('is offered on the sign-in page, beside no word that sends people to their administrator for it', async () => {
    const page = await browser.open(PORTAL_HOST, '/sign-in');
    assert.match(page.body, /href="\/reset"/);
    assert.doesNotMatch(page.body, /password you have forgotten/);
    assert.doesNotMatch(page.body, /class="or">or<\/p>(?:(?!<\/label>).)*<label[^>]*>Or/s, 'one "or" is enough');
  });

  test('is answered alike for every address', async () => {
    const answers = new Set<string>();
    for (const email of ['ada@example.com', 'nobody@example.com', 'ADA@example.com']) {
      const answer = await ask(await open('/reset'), email);
      assert.equal(answer.status, 200);
      answers.add(answer.body);
      assert.equal(control.last(RESETS)?.body['email'], email);
    }
    assert.equal(answers.size, 1);
  });

  test('asks once more where there is no address, the page is too old, or control does not answer', async () => {
    const page = await open('/reset');
    assert.equal((await ask(page, 'ada')).status, 400);
    browser = new PopBrowser(world);
    assert.equal((await ask(page, 'ada@example.com')).status, 403, 'of another browser');
    assert.equal(control.calls.length, 0);
    instead = { [RESETS]: [429, { retryAfterMs: 120_000 }] };
    const limited = await ask(await open('/reset'), 'ada@example.com');
    assert.deepEqual([limited.status, /Wait 2 minutes/.test(limited.body)], [429, true]);
    instead = { [RESETS]: [503, {}] };
    assert.equal((await ask(await open('/reset'), 'ada@example.com')).status, 503);
  });

  test('is no page where nothing can be mailed', async () => {
    const other = await PopWorld.start();
    other.publishBasics();
    const page = await other.fetch(PORTAL_HOST, '/sign-in');
    const answers = [await other.fetch(PORTAL_HOST, '/reset'), await other.fetch(PORTAL_HOST, `/reset/${TOKEN}`)];
    await other.stop();
    assert.doesNotMatch(page.body, /href="\/reset"/);
    assert.match(page.body, /a password you have forgotten\? Ask your administrator/);
    assert.deepEqual(
      answers.map(({ status }) => status),
      // A link may come of joining an organisation: that is for control to say, which is away.
      [404, 503],
    );
  });
});

describe('the link for a new password', () => {
  test('leads to a form that says whose password it is, and gives its address to nobody', async () => {
    const page = await open(`/reset/${TOKEN}`);
    assert.match(page.body, /value="ada@example\.com"/);
    assert.match(String(page.headers['referrer-policy']), /^(same-origin|no-referrer)$/);
    assert.match(String(page.headers['cache-control']), /no-store/);
    assert.doesNotMatch(page.body, /(?:src|href)="https?:/);
  });

  test('takes a password that is typed twice, and signs nobody in', async () => {
    const done = await choose(PASSWORD);
    assert.equal(done.status, 200);
    assert.match(done.body, /signed out in every browser/);
    assert.partialDeepStrictEqual(control.last(`${RESETS}/finish`)?.body, { token: TOKEN, password: PASSWORD });
    assert.equal(browser.cookie(PORTAL_HOST, '__Host-manis_portal'), undefined);
  });

  test('asks once more for one that is short, differs, or is too easy', async () => {
    assert.match((await choose('short')).body, /needs at least/);
    assert.match((await choose(PASSWORD, `${PASSWORD}!`)).body, /not the same/);
    assert.equal(control.last(`${RESETS}/finish`), undefined);
    instead = { [`${RESETS}/finish`]: [422, { code: 'password-weak' }] };
    const weak = await choose('password password');
    assert.deepEqual([weak.status, /too easy to guess/.test(weak.body)], [400, true]);
    assert.ok(!weak.body.includes('password password'), 'what was typed is not shown again');
  });

  test('that is used up is told so, and one that cannot be judged is not called wrong', async () => {
    const other = `mnx_${'x'.repeat(43)}`;
    const unknown = await open(`/reset/${other}`);
    const late = await choose(PASSWORD, PASSWORD, other);
    assert.equal(unknown.status, late.status);
    assert.ok(unknown.status >= 400 && unknown.status < 500);
    instead = { [`${RESETS}/read`]: [503, {}], [`${RESETS}/finish`]: [503, {}] };
    assert.equal((await open(`/reset/${TOKEN}`)).status, 503);
    assert.equal((await choose(PASSWORD)).status, 503);
  });

  test('is not taken from a page elsewhere', async () => {
    const answer = await world.fetch(PORTAL_HOST, `/reset/${TOKEN}`, {
      method: 'POST',
      headers: { origin: 'https://evil.example', 'content-type': 'application/x-www-form-urlencoded' },
      body: String(new URLSearchParams({ password: PASSWORD, repeat: PASSWORD })),
    });
    assert.equal(answer.status, 403);
    assert.equal(control.last(`${RESETS}/finish`), undefined);
  });
});

test('neither link nor password is in the log, the counters or the audit', () => {
  const told = JSON.stringify([logLines, world.pop.counters(), world.link.sent]);
  for (const secret of [TOKEN, PASSWORD]) assert.ok(!told.includes(secret));
});
