// biome-ignore-all lint/suspicious/noThenProperty: a rule is written when and then; it is an object, so nothing awaits it
/** heavy: control is stopped in a running network, by its process id; people go on, sign in in every way, and all of it is told later. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { SoftwareAuthenticator } from '../../src/testing/software-authenticator.ts';
import { StandInProvider } from '../../src/testing/stand-in-provider.ts';
import { freePortBase, isAlive, Network, remove, temporaryFolder, untilLive } from './network.ts';
import { type Answer, Visitor } from './visitor.ts';

const PASSWORD = 'seven quiet otters at noon';
const EMAIL = 'owner@example.com';
const PIN = '830274';
const SECRET = 'blue herons stand still';

interface SessionItem {
  readonly id: string;
}

/** Of the portal session in a Cookie field. */
function sessionIdIn(cookies: string): string {
  const token = /__Host-manis_portal=([^;]+)/.exec(cookies)?.[1] ?? '';
  return JSON.parse(Buffer.from(token.split('.')[2] ?? '', 'base64url').toString()).id;
}

interface AuditItem {
  readonly id: string;
  readonly actor: string | null;
  readonly outcome: string;
  readonly detail: { readonly reason?: string; readonly path?: string };
}

describe('a network whose control is stopped', { timeout: 300_000 }, () => {
  const folder = temporaryFolder();
  const dataDir = join(folder, 'data');
  let network: Network;
  let stand: StandInProvider;
  let key: SoftwareAuthenticator;
  let portal = '';
  let demo = '';
  let link = '';
  let token = '';
  let openedFor: Visitor;
  let byPasskey: Visitor;

  before(async () => {
    writeFileSync(join(folder, 'password'), PASSWORD, { mode: 0o600 });
    const flags = ['--admin-email', EMAIL, '--admin-password-file', join(folder, 'password')];
    network = await Network.start(['--port-base', String(await freePortBase()), '--data-dir', dataDir, ...flags]);
    portal = network.ready.dashboard;
    demo = network.ready.apps[0]?.url ?? '';
    stand = await StandInProvider.start('generic');
    stand.person = { sub: 'ann-there', email: 'ann@example.com', email_verified: true, name: 'Ann' };
    await prepare();
    untilLive(dataDir);
    openedFor = await signedIn();
    await addPasskey(openedFor);
    await throughProvider(visitor());
    untilLive(dataDir);
  });
  after(async () => {
    if (network && isAlive(network.ready.control.pid)) process.kill(network.ready.control.pid, 'SIGCONT');
    await network?.stop();
    await stand?.stop();
    remove(folder);
  });

  const visitor = () => new Visitor({ ca: network.ca, via: network.ready.pops[0]?.https ?? '' });
  async function made(path: string, body: unknown, method = 'POST'): Promise<Record<string, unknown>> {
    const answer = await network.api(method, path, body);
    assert.ok(answer.status < 300, answer.text);
    return answer.body as Record<string, unknown>;
  }

  /** Resource, policy, credentials, provider: what an administrator set up before the outage. */
  async function prepare(): Promise<void> {
    const resources = (await network.api('GET', '/resources')).body as { items: { id: string }[] };
    const resourceId = resources.items[0]?.id ?? '';
    const credentials = ['pin', 'resource-password', 'share-link', 'service-token'];
    const then = { kind: 'authenticate', anyOf: { signedIn: true, credentials } };
    await made(
      `/resources/${resourceId}`,
      { policy: { rules: [{ id: 'any', name: 'Any way', when: { all: [] }, then }] } },
      'PATCH',
    );
    await made('/audit/settings', { mode: 'all' }, 'PUT');
    const credential = (method: string, more: object = {}) =>
      made('/credentials', { name: method, method, resourceIds: [resourceId], ...more });
    await credential('pin', { secret: PIN });
    await credential('resource-password', { secret: SECRET });
    link = ((await credential('share-link'))['urls'] as string[])[0] ?? '';
    token = String((await credential('service-token'))['secret']);
    const client = { clientId: stand.clientId, clientSecret: stand.clientSecret };
    await made('/providers', { preset: 'generic', name: 'work', issuer: stand.issuer, allowPrivate: true, ...client });
  }

  async function signedIn(): Promise<Visitor> {
    const who = visitor();
    const page = await who.open(`${demo}/whoami`);
    const answer = await send(who, page, '/sign-in/password', { email: EMAIL, password: PASSWORD });
    assert.equal(answer.status, 200, answer.text.slice(0, 500));
    return who;
  }

  /** The one form of a page that goes to `action`, with values; hidden ones as they are. */
  function send(who: Visitor, page: Answer, action: string, values: Readonly<Record<string, string>>): Promise<Answer> {
    const form = page.text.split('<form').find((part) => part.includes(`action="${action}`));
    assert.ok(form, `no form to ${action}: ${page.status} ${page.text.slice(-1_500)}`);
    const text = `<form${form.slice(0, form.indexOf('</form>'))}`;
    return who.submit({ ...page, text }, values);
  }
  const challengeIn = (page: Answer, attribute: string): string => {
    const question = new RegExp(`${attribute}="([^"]*)"`).exec(page.text)?.[1] ?? '{}';
    return JSON.parse(question.replaceAll('&quot;', '"')).challenge;
  };

  async function addPasskey(who: Visitor): Promise<void> {
    const page = await who.open(`${portal}/security`);
    const order = /data-passkey-create="([^"]*)"/.exec(page.text)?.[1] ?? '{}';
    const { user } = JSON.parse(order.replaceAll('&quot;', '"'));
    const { hostname, origin } = new URL(portal);
    key = new SoftwareAuthenticator({ rpId: hostname, origin }, Buffer.from(user.id, 'base64url').toString());
    const passkey = key.created({ challenge: challengeIn(page, 'data-passkey-create') });
    const answer = await send(who, page, '/security/passkey', { passkey, name: 'Key' });
    assert.match(answer.text, /Keep these recovery codes/);
  }

  async function throughProvider(who: Visitor): Promise<Answer> {
    const page = await who.open(`${demo}/whoami`);
    const start = /href="(\/sign-in\/provider\/work\/start[^"]*)"/.exec(page.text)?.[1] ?? '';
    const begun = await who.ask(new URL(start.replaceAll('&amp;', '&'), page.url));
    const query = stand.signIn(new URL(begun.headers.location ?? ''));
    return who.open(`${portal}/sign-in/provider/work/callback?${query}`);
  }

  /** Everything of the audit, a page after the other. */
  async function audit(): Promise<readonly AuditItem[]> {
    const found: AuditItem[] = [];
    for (let after: string | undefined; ; ) {
      const { body } = await network.api(
        'GET',
        `/audit?limit=200${after ? `&cursor=${encodeURIComponent(after)}` : ''}`,
      );
      const { items, next } = body as { items: AuditItem[]; next?: string | null };
      found.push(...items);
      if (!next) return found;
      after = next;
    }
  }

  test('control is stopped', () => {
    process.kill(network.ready.control.pid, 'SIGSTOP');
  });

  test('who was signed in goes on, on every PoP', async () => {
    for (const { https } of network.ready.pops)
      assert.equal((await openedFor.via(https).open(`${demo}/whoami?outage=went-on`)).status, 200, https);
  });

  const secrets: [method: string, secret: string][] = [
    ['pin', PIN],
    ['resource-password', SECRET],
  ];
  for (const [method, secret] of secrets)
    test(`a ${method} opens the application`, async () => {
      const who = visitor();
      const wrong = await send(who, await who.open(`${demo}/whoami?outage=${method}`), `/sign-in/${method}`, {
        secret: `${secret}0`,
      });
      assert.ok(wrong.status >= 400, 'a wrong one does not');
      const right = await send(who, wrong, `/sign-in/${method}`, { secret });
      assert.equal(right.status, 200, right.text.slice(0, 500));
    });

  test('a share link opens the application', async () => {
    const who = visitor();
    const answer = await who.open(link);
    assert.equal(answer.status, 200, answer.text.slice(0, 500));
    assert.equal((await who.open(`${demo}/whoami?outage=share-link`)).status, 200);
  });

  test('a service token opens the application', async () => {
    const headers = { authorization: `Bearer ${token}` };
    const answer = await visitor().ask(new URL(`${demo}/whoami?outage=service-token`), undefined, headers);
    assert.equal(answer.status, 200, answer.text);
  });

  test('a passkey signs in', async () => {
    const who = visitor();
    byPasskey = who;
    const page = await who.open(`${demo}/whoami?outage=passkey`);
    const passkey = key.answered({ challenge: challengeIn(page, 'data-passkey-get') });
    const answer = await send(who, page, '/sign-in/passkey', { passkey });
    assert.equal(answer.status, 200, answer.text.slice(0, 800));
    assert.match(answer.text, new RegExp(EMAIL));
  });

  test('who is known at the provider signs in there', async () => {
    const answer = await throughProvider(visitor());
    assert.equal(answer.status, 200, answer.text.slice(0, 800));
    assert.match(answer.text, /ann@example\.com/);
  });

  test('control is killed, comes back over its store, and is told of everything, once', async () => {
    const { said } = network;
    process.kill(network.ready.control.pid, 'SIGKILL');
    await network.nextEvent(said, (event) => event.event === 'process-back' && event.name === 'control', 60_000);
    const paths = ['went-on', 'pin', 'resource-password', 'share-link', 'service-token', 'passkey'];
    const reasons = ['signed-in-without-control'];
    let events: readonly AuditItem[] = [];
    const isThere = (name: string) =>
      events.some(({ outcome, detail }) => outcome === 'allow' && JSON.stringify(detail).includes(name));
    for (;;) {
      events = await audit().catch(() => []);
      const judged = events.filter(({ detail }) => reasons.includes(detail.reason ?? ''));
      if (judged.length >= 2 && events.some(({ actor }) => actor?.startsWith('credential:'))) break;
    }
    assert.ok(isThere('/whoami'), paths.join());
    const ids = events.map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length, 'no event twice');
    const judged = events.filter(({ detail }) => detail.reason === 'signed-in-without-control');
    assert.deepEqual(judged.map(({ detail }) => detail.path).sort(), [
      '/sign-in/passkey',
      '/sign-in/provider/work/callback',
    ]);
    assert.equal((await openedFor.open(`${demo}/whoami`)).status, 200);
    await signedIn();
  });

  test('the sessions that began meanwhile are listed, and are ended like others', async () => {
    const sessions = async () => ((await network.api('GET', '/sessions')).body as { items: SessionItem[] }).items;
    const held = byPasskey.cookieHeader(new URL(portal).host);
    const id = sessionIdIn(held);
    assert.ok((await sessions()).some((session) => session.id === id));
    assert.equal((await byPasskey.open(`${demo}/whoami`)).status, 200);
    assert.equal((await network.api('DELETE', `/sessions/${id}`)).status, 204);
    // A request that is under way when its session ends is cut; those that follow are answered.
    const opens = () => byPasskey.ask(new URL(`${demo}/whoami`)).then(({ status }) => status === 200);
    while (await opens().catch(() => false));
    assert.equal(await opens(), false);
    assert.ok(!(await sessions()).some((session) => session.id === id));
  });
});
