/** A code by mail as the second step, in a browser without scripts before a PoP. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { hiddenInput, PopBrowser } from '../../testing/pop-browser.ts';
import { type Answer, PORTAL_HOST, PopWorld } from '../../testing/pop-world.ts';
import { type ControlCall, type ControlReply, StandInControl } from '../../testing/stand-in-control.ts';

const CODE = '314159';
const ATTEMPT = 'A'.repeat(22);
const SECOND = '/internal/v1/second-step';

let world: PopWorld;
let control: StandInControl;
let browser: PopBrowser;
/** In place of what control would say. */
let instead: Partial<Record<string, ControlReply>>;

before(async () => {
  world = await PopWorld.start();
  world.publishBasics();
  control = new StandInControl(world);
  await control.start(answer);
});
after(() => world.stop());
beforeEach(() => {
  browser = new PopBrowser(world);
  control.calls.length = 0;
  instead = {};
});

function answer({ path, body }: ControlCall): ControlReply {
  const other = instead[path];
  if (other) return other;
  const expiresUnixMs = world.clock.unixMs() + 600_000;
  if (path === '/internal/v1/sign-in') return [200, { secondStep: { token: 'a.b.c', expiresUnixMs } }];
  if (path === `${SECOND}/read`)
    return [
      200,
      {
        ...{ userId: 'ada', email: 'ada@example.com', within: 'w', need: 'prove', hasPassword: false },
        ...{ offered: [{ method: 'email-otp' }], rememberMs: 30 * 86_400_000 },
      },
    ];
  if (path === `${SECOND}/mail`) return [200, { attempt: ATTEMPT }];
  if (path !== SECOND) return [404, { code: 'not-found' }];
  const isRight = body['method'] === 'email-otp' && body['code'] === CODE && body['challenge'] === ATTEMPT;
  if (!isRight) return [401, { code: 'factor-refused' }];
  const token = world.portalToken({ methods: ['password', 'email-otp', 'mfa'] });
  const remembered = body['remember'] === true ? { token: 'mnr_x', expiresUnixMs } : undefined;
  return [200, { token, expiresUnixMs, remembered }];
}

/** To the page of the second step, with email address and password. */
async function begin(): Promise<Answer> {
  const page = await browser.open(PORTAL_HOST, '/sign-in');
  return browser.submit(page, 'password', { email: 'ada@example.com', password: 'seven quiet otters' });
}

const send = (page: Answer, fields: Record<string, string> = {}) =>
  browser.go(PORTAL_HOST, '/second-step', {
    ...{ csrf: hiddenInput(page, 'csrf'), return: '/', method: 'email-otp' },
    ...fields,
  });

test('who must add a factor that their provider may not add is told what to do instead', async () => {
  for (const [hasPassword, says] of [
    [true, /Sign in with your password or a passkey instead/],
    [false, /ask whoever administers Manis here/],
  ] as const) {
    instead[`${SECOND}/read`] = [
      200,
      {
        ...{ userId: 'ada', email: 'ada@example.com', within: 'w', need: 'enrol', hasPassword: false, offered: [] },
        ...{ rememberMs: 0, elsewhere: { hasPassword } },
      },
    ];
    const page = await begin();
    assert.equal(page.status, 403);
    assert.match(page.body, says);
    assert.match(page.body, /ada@example\.com belongs to more than one organisation/);
    assert.match(page.body, /href="\/sign-in\?return=%2F&amp;choose=1"/);
    assert.ok(!page.body.includes('<form'));
  }
});

test('where a policy names the factor, no other one is offered to whoever has none', async () => {
  instead[`${SECOND}/read`] = [
    200,
    {
      ...{ userId: 'ada', email: 'ada@example.com', within: 'w', need: 'enrol', hasPassword: true },
      ...{ offered: [], rememberMs: 0 },
    },
  ];
  const cookie = `__Host-manis_portal=${world.portalToken()}`;
  const headers = { accept: 'text/html', 'sec-fetch-mode': 'navigate', cookie };
  for (const [asked, title, app, passkey] of [
    ['why=mfa', 'Add a second factor', true, true],
    ['why=method&methods=totp+passkey', 'Add a second factor', true, true],
    ['why=method&methods=passkey', 'Add a passkey', false, true],
    ['why=method&methods=totp', 'Add an authenticator app', true, false],
    ['why=method&methods=email-otp', 'Confirm it is you', false, false],
  ] as const) {
    const { body } = await world.fetch(PORTAL_HOST, `/second-step?${asked}`, { headers });
    const offered = [body.includes('/security/authenticator'), body.includes('action="/security/passkey"')];
    assert.deepEqual([/<h1>(.*?)<\/h1>/.exec(body)?.[1], ...offered], [title, app, passkey], asked);
  }
});

describe('a code by mail as the second step', () => {
  test('is sent when the person says so, and no sooner', async () => {
    const first = await begin();
    assert.match(first.body, /can be mailed to ada@example\.com.*Mail me a code/s);
    assert.ok(!first.body.includes('name="code"'));
    assert.equal(control.last(`${SECOND}/mail`), undefined);
    const asked = await send(first);
    assert.match(asked.body, /is on its way to ada@example\.com/);
    assert.equal(hiddenInput(asked, 'challenge'), ATTEMPT);
    assert.partialDeepStrictEqual(control.last(`${SECOND}/mail`)?.body, { step: 'a.b.c' });
  });

  test('signs in, and may be remembered', async () => {
    const done = await send(await send(await begin()), { challenge: ATTEMPT, code: CODE, remember: 'yes' });
    assert.deepEqual([done.status, done.headers.location], [303, '/']);
    assert.match((await browser.go(PORTAL_HOST, '/')).body, /Signed in as/);
    assert.equal(browser.cookie(PORTAL_HOST, '__Host-manis_remembered'), 'mnr_x');
  });

  test('that is wrong may be typed again, for the same mail', async () => {
    const wrong = await send(await send(await begin()), { challenge: ATTEMPT, code: '000000' });
    assert.equal(wrong.status, 401);
    assert.match(wrong.body, /not right, or it is not good any more/);
    const done = await send(wrong, { challenge: hiddenInput(wrong, 'challenge'), code: CODE });
    assert.equal(done.status, 303);
  });

  test('is refused calmly where control does not send it', async () => {
    const cases: [reply: ControlReply, status: number, text: RegExp][] = [
      [[429, { code: 'sign-in-rate-limited', retryAfterMs: 60_000 }], 429, /Too many tries\. Wait 60 seconds/],
      [[401, { code: 'factor-refused' }], 401, /could not be done/],
      [[503, {}], 503, /cannot be reached/],
    ];
    for (const [reply, status, text] of cases) {
      instead = { [`${SECOND}/mail`]: reply };
      const page = await send(await begin());
      assert.equal(page.status, status);
      assert.match(page.body, text);
    }
    instead = { [`${SECOND}/mail`]: [401, { code: 'second-step-ended' }] };
    assert.equal((await send(await begin())).headers.location, '/sign-in?return=%2F');
  });

  test('is not sent by a form of another browser', async () => {
    const page = await begin();
    browser = new PopBrowser(world);
    await begin();
    assert.equal((await send(page)).status, 403);
    assert.equal(control.last(`${SECOND}/mail`), undefined);
  });
});
