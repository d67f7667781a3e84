// Feeds marked secrets through every path that this room has, and searches log, audit and store for them in clear.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type Answer, ControlWorld, type PopWorld } from '../testing/control-world.ts';
import { MailWorld } from '../testing/mail-world.ts';

const MARK = 'zq7marked';
const marked = (what: string) => `${MARK}-${what}-secret 91`;
/** What is no secret, and is found where secrets are looked for. */
const CANARY = 'Canary zq8';
const BROWSER = 'b'.repeat(43);
/** Everything that must never be found, by what it is. */
const secrets = new Map<string, string>();

let world: ControlWorld;
let mail: MailWorld;
let pop: PopWorld;
const answers: Answer[] = [];

before(async () => {
  world = new ControlWorld();
  await world.start();
  mail = await MailWorld.start({ credentials: { userName: 'manis', password: keep('password of the mail server') } });
  pop = await world.addPop('One');
});
after(async () => {
  await world.end();
  await mail.stop();
});

function keep(what: string, secret = marked(what.replaceAll(' ', '-'))): string {
  secrets.set(what, secret);
  return secret;
}

const inside = async (path: string, body: object, expected?: number): Promise<Answer> => {
  const facts = { clientAddress: '192.0.2.7', userAgent: 'test' };
  const answer = await world.call('POST', `/internal/v1${path}`, { ...body, ...facts }, pop.headers);
  if (expected !== undefined) assert.equal(answer.status, expected, `${path}: ${JSON.stringify(answer.body)}`);
  if (answer.status >= 400) answers.push(answer);
  return answer;
};

async function feed(): Promise<void> {
  const server = { host: '127.0.0.1', port: mail.port, caPem: mail.caPem, userName: 'manis' };
  const settings = { ...server, fromAddress: 'manis@example.com', codeSignIn: true };
  await world.must('PUT', '/mail', { ...settings, password: secrets.get('password of the mail server') });
  await world.must('POST', '/mail/test', { to: 'ada@example.com' });
  const wrongMail = keep('wrong password of the mail server');
  await world.must('PUT', '/mail', { ...settings, password: wrongMail });
  answers.push(await world.api('POST', '/mail/test', { to: 'ada@example.com' }));
  answers.push(
    await world.api('PUT', '/mail', { ...settings, security: 'none', password: keep('refused mail password') }),
  );
  await world.must('PUT', '/mail', { ...settings, password: secrets.get('password of the mail server') });

  const password = keep('password of a user');
  const email = 'ada@example.com';
  await world.must('POST', '/users', { email, name: CANARY, password });
  answers.push(
    await world.api('POST', '/users', { email: 'x', name: 'X', password: keep('password of a bad request') }),
  );
  const signedIn = await inside('/sign-in', { email, password, browser: BROWSER }, 200);
  keep('token of a session', signedIn.body.token);
  await inside('/sign-in', { email, password: keep('wrong password'), browser: BROWSER }, 401);
  await inside('/sessions/renew', { token: keep('token of nobody') });
  await inside('/set-up', { token: keep('set-up token'), password: keep('password of a set-up') });

  const asked = await inside('/email-codes', { email, browser: BROWSER }, 202);
  await mail.next(email);
  const code = keep('mailed code', await mail.nextCode(email));
  await inside('/email-codes/check', { attempt: asked.body.attempt, code, browser: 'c'.repeat(43) }, 401);
  await inside('/email-codes/check', { attempt: asked.body.attempt, code, browser: BROWSER }, 200);

  await inside('/password-resets', { email }, 202);
  const token = keep('reset link', (await mail.nextLink(email)).pathname.slice('/reset/'.length));
  await inside('/password-resets/finish', { token: keep('wrong reset link'), password: keep('password of no reset') });
  await inside('/password-resets/finish', { token, password: keep('password of a reset') }, 204);
  await inside('/password-resets/finish', { token, password }, 404);

  const resource = await world.must('POST', '/resources', {
    ...{ name: 'Wiki', host: 'wiki.manis.localhost', policy: { rules: [] } },
  });
  const pin = keep('pin', '91738264');
  const made = { name: 'c', resourceIds: [resource.id] };
  await world.must('POST', '/credentials', { ...made, method: 'pin', secret: pin });
  const own = keep('password of a resource');
  await world.must('POST', '/credentials', { ...made, method: 'resource-password', secret: own });
  for (const method of ['share-link', 'service-token'] as const) {
    const { secret } = await world.must('POST', '/credentials', { ...made, method });
    keep(`secret of a ${method}`, secret);
  }
  const clientSecret = keep('client secret');
  await world.must('POST', '/providers', { preset: 'github', name: 'hub', clientId: 'id', clientSecret });
  const apiToken = await world.must('POST', '/api-tokens', { name: 't' });
  keep('API token', apiToken.token);
  answers.push(
    await world.call('GET', '/api/v1/me', undefined, { authorization: `Bearer ${keep('wrong API token')}` }),
  );
  answers.push(
    await world.call('POST', '/api/v1/users', `{"password":"${keep('password of broken JSON')}"`, {
      authorization: `Bearer ${world.apiToken}`,
    }),
  );
}

/** Whether a text has a secret, as it is or as JSON and URLs write it. */
function found(text: string, secret: string): boolean {
  return (
    text.includes(secret) ||
    text.includes(JSON.stringify(secret).slice(1, -1)) ||
    text.includes(encodeURIComponent(secret))
  );
}

test('no secret that was fed to control is in its log, its audit, its answers to mistakes or its store', async () => {
  await feed();
  const audit: unknown[] = [];
  for (let after: string | null = ''; after !== null; ) {
    const page: Answer['body'] = await world.must('GET', `/audit?limit=200${after && `&after=${after}`}`);
    audit.push(...page.items);
    after = page.next;
  }
  const read = await Promise.all(
    ['/mail', '/users', '/credentials', '/providers', '/api-tokens', '/sessions'].map((path) =>
      world.must('GET', path),
    ),
  );
  const files = readdirSync(world.dataDir, { withFileTypes: true }).filter(
    (file) => file.isFile() && file.name !== 'api-token',
  );
  const places: [string, string][] = [
    ['the log', world.logLines.join('')],
    ['the audit', JSON.stringify(audit)],
    ['an answer to a mistake', JSON.stringify(answers.map(({ body }) => body))],
    ['what the API tells', JSON.stringify(read)],
    ...files.map(({ name }): [string, string] => [name, readFileSync(join(world.dataDir, name), 'latin1')]),
  ];
  for (const place of [/^the audit/, /^what the API tells/, /^control\.sqlite/])
    assert.ok(
      places.some(([name, text]) => place.test(name) && found(text, CANARY)),
      String(place),
    );
  assert.ok(audit.length > 10 && secrets.size > 20);
  const leaks = [...secrets].flatMap(([what, secret]) =>
    places.flatMap(([place, text]) => {
      // Six digits stand by chance in keys and times; in words of their own they do not.
      const isThere = /^\d{6}$/.test(secret)
        ? new RegExp(`(?<![0-9A-Za-z+/=_.-])${secret}(?![0-9A-Za-z+/=_.-])`).test(text)
        : found(text, secret);
      return isThere ? [`${what} in ${place}`] : [];
    }),
  );
  assert.deepEqual(leaks, []);
});
