import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { type Answer, ControlWorld } from '../../testing/control-world.ts';
import { MailWorld } from '../../testing/mail-world.ts';

const SECRET = 'smtp-secret-7f3a';

describe('the settings of mail', () => {
  const world = new ControlWorld();
  let mail: MailWorld;
  let settings: Record<string, unknown>;
  before(async () => {
    await world.start();
    mail = await MailWorld.start({ credentials: { userName: 'manis', password: SECRET } });
  });
  beforeEach(() => {
    settings = {
      ...{ host: '127.0.0.1', port: mail.port, userName: 'manis', password: SECRET, caPem: mail.caPem },
      ...{ fromAddress: 'manis@example.com' },
    };
  });
  after(async () => {
    await world.end();
    await mail.stop();
  });
  const refused = ({ status, body }: Answer) => [status, body.code];

  test('are not there at first, and say so', async () => {
    assert.deepEqual(refused(await world.api('GET', '/mail')), [404, 'mail-not-set']);
    assert.deepEqual(refused(await world.api('POST', '/mail/test', {})), [404, 'mail-not-set']);
  });

  test('are told without the password, and a test mail arrives', async () => {
    const { updatedUnixMs: _, ...told } = await world.must('PUT', '/mail', settings);
    assert.deepEqual(told, {
      ...{ host: '127.0.0.1', port: mail.port, security: 'starttls', userName: 'manis', hasPassword: true },
      ...{ fromAddress: 'manis@example.com', fromName: 'Manis', caPem: mail.caPem },
      ...{ codeSignIn: false, deviceNotices: false },
    });
    assert.deepEqual(await world.must('POST', '/mail/test', { to: 'ada@example.com' }), { to: 'ada@example.com' });
    const got = await mail.next('ada@example.com');
    assert.equal(got.subject, 'Test mail from Manis');
    assert.ok(got.isSecure);
  });

  test('keep the password only where it goes to the same server under the same name', async () => {
    await world.must('PUT', '/mail', settings);
    const { password: _, ...without } = settings;
    assert.equal((await world.must('PUT', '/mail', { ...without, codeSignIn: true })).hasPassword, true);
    await world.must('POST', '/mail/test', { to: 'ada@example.com' });
    await mail.next('ada@example.com');
    const elsewhere = [{ host: 'localhost' }, { port: 1 }, { userName: 'eve' }, { security: 'tls' }, { caPem: null }];
    for (const change of elsewhere) {
      const answer = await world.api('PUT', '/mail', { ...without, ...change });
      assert.deepEqual(refused(answer), [400, 'mail-password-needed'], JSON.stringify(change));
    }
  });

  test('send credentials over TLS alone', async () => {
    const answer = await world.api('PUT', '/mail', { ...settings, security: 'none' });
    assert.deepEqual(refused(answer), [400, 'mail-settings-invalid']);
  });

  test('refuse what could be more than an address or a name', async () => {
    const changes = [{ fromAddress: 'a@b.example\r\nBcc: eve@b.example' }, { fromName: 'a\nb' }, { host: 'a b' }];
    for (const change of changes) {
      const answer = await world.api('PUT', '/mail', { ...settings, ...change });
      assert.deepEqual(refused(answer), [400, 'request-invalid'], JSON.stringify(change));
    }
  });

  test('say what the mail server answered, when a test fails', async () => {
    await world.must('PUT', '/mail', { ...settings, password: 'wrong-password-1' });
    const answer = await world.api('POST', '/mail/test', { to: 'ada@example.com' });
    assert.deepEqual(refused(answer), [502, 'mail-credentials-refused']);
    assert.ok(!JSON.stringify(answer.body).includes('wrong-password-1'));
    const { items } = await world.must('GET', '/audit');
    assert.deepEqual([items[0].action, items[0].outcome], ['mail.test', 'mail-credentials-refused']);
    assert.ok(!JSON.stringify(items).includes(SECRET));
  });

  test('reach PoPs as what they need to know', async () => {
    await world.must('PUT', '/mail', { ...settings, codeSignIn: true });
    const pop = await world.addPop('One');
    const find = () => [...(pop.state?.ofKind('mail') ?? [])].map(({ codeSignIn }) => codeSignIn);
    await pop.until(() => find()[0] === true);
    await world.api('DELETE', '/mail');
    await pop.until(() => find().length === 0);
    assert.deepEqual(refused(await world.api('DELETE', '/mail')), [404, 'mail-not-set']);
  });
});
