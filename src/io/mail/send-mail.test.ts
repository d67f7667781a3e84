import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { MailWorld, type MailWorldOptions } from '../../testing/mail-world.ts';
import { isMailAddress } from './mail-address.ts';
import { type Mail, MailFailure, type MailServer, sendMail } from './send-mail.ts';

const SECRET = 'correct horse battery';
const credentials = { userName: 'manis', password: SECRET };
const mail: Mail = {
  messageId: '<mai_1@example.com>',
  to: 'ada@example.com',
  subject: 'Größe und Güte',
  text: 'Zwölf Boxkämpfer\n',
  html: '<p>Zwölf Boxkämpfer</p>',
};

function serverOf(world: MailWorld, changes: Partial<MailServer> = {}): MailServer {
  return {
    host: '127.0.0.1',
    port: world.port,
    security: 'starttls',
    caPem: world.caPem,
    from: { address: 'manis@example.com', name: 'Nørthwind, "Trading" <x>' },
    ...changes,
  };
}

async function codeOf(sent: Promise<void>): Promise<string> {
  try {
    await sent;
    return 'sent';
  } catch (error) {
    assert.ok(error instanceof MailFailure, String(error));
    assert.ok(!error.message.includes(SECRET), 'the failure tells the password');
    return error.code;
  }
}

describe('a mail server', () => {
  const cases: readonly [string, MailWorldOptions, Partial<MailServer>, string][] = [
    ['with STARTTLS', {}, {}, 'sent'],
    ['with STARTTLS and credentials', { credentials }, { credentials }, 'sent'],
    ['with TLS from the start', { security: 'tls', credentials }, { security: 'tls', credentials }, 'sent'],
    ['without TLS where that is spelled out', { security: 'none' }, { security: 'none' }, 'sent'],
    ['whose STARTTLS was taken away', { withoutStartTls: true }, {}, 'mail-tls-failed'],
    ['whose authority is unknown', {}, { caPem: '' }, 'mail-tls-failed'],
    [
      'that refuses the password',
      { credentials },
      { credentials: { ...credentials, password: 'x' } },
      'mail-credentials-refused',
    ],
    ['that wants credentials where there are none', { credentials }, {}, 'mail-refused'],
    ['on a port where nobody listens', {}, { port: 1 }, 'mail-server-unreachable'],
  ];
  for (const [name, options, changes, expected] of cases)
    test(`${name}: ${expected}`, async () => {
      const world = await MailWorld.start(options);
      try {
        assert.equal(await codeOf(sendMail(serverOf(world, changes), mail)), expected);
        assert.equal(world.mails.length, expected === 'sent' ? 1 : 0);
        if (expected === 'sent') assert.equal(world.mails[0]?.isSecure, changes.security !== 'none');
      } finally {
        await world.stop();
      }
    });

  test('that says nothing is given up', { timeout: 30_000 }, async () => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const world = { port, caPem: '' } as MailWorld;
    const sent = codeOf(sendMail(serverOf(world), mail));
    silent.once('connection', (socket) => socket.end());
    assert.equal(await sent, 'mail-server-unreachable');
    silent.close();
  });
});

describe('a mail', () => {
  let world: MailWorld;
  before(async () => {
    world = await MailWorld.start();
  });
  after(() => world.stop());

  test('arrives as plain text and HTML, with its names as they are', async () => {
    await sendMail(serverOf(world), mail);
    const got = await world.next('ada@example.com');
    assert.equal(got.subject, mail.subject);
    assert.equal(got.text, mail.text);
    assert.match(String(got.html), /Zwölf Boxkämpfer/);
    assert.deepEqual(got.from?.value, [{ address: 'manis@example.com', name: 'Nørthwind, "Trading" <x>' }]);
    assert.equal(got.messageId, mail.messageId);
    assert.equal(got.headers.get('auto-submitted'), 'auto-generated');
  });

  for (const [status, expected] of [
    [450, 'mail-put-off'],
    [550, 'mail-refused'],
  ] as const)
    test(`that is answered with ${status} is ${expected}`, async () => {
      world.refusals.push(status);
      assert.equal(await codeOf(sendMail(serverOf(world), mail)), expected);
    });

  const hostile: readonly [string, Partial<Mail>, Partial<MailServer>][] = [
    ['a line break in the subject', { subject: 'Hello\r\nBcc: eve@example.org' }, {}],
    ['a bare line feed in the subject', { subject: 'Hello\nBcc: eve@example.org' }, {}],
    ['a line separator in the subject', { subject: 'Hello\u2028Bcc: eve@example.org' }, {}],
    ['two recipients', { to: 'ada@example.com, eve@example.org' }, {}],
    ['a line break in the recipient', { to: 'ada@example.com\r\nBcc: eve@example.org' }, {}],
    ['a command in the recipient', { to: 'ada@example.com>\r\nRCPT TO:<eve@example.org' }, {}],
    ['a quoted recipient', { to: '"eve@example.org"@example.com' }, {}],
    ['a line break in the sender', {}, { from: { address: 'a@example.com', name: 'A\r\nBcc: eve@example.org' } }],
    ['a line break in the id', { messageId: '<a>\r\nBcc: eve@example.org' }, {}],
  ];
  for (const [name, change, serverChange] of hostile)
    test(`with ${name} is not sent`, async () => {
      assert.equal(await codeOf(sendMail(serverOf(world, serverChange), { ...mail, ...change })), 'mail-malformed');
      assert.equal(world.mails.length, 0);
    });
});

test('an address is a dot-atom at a domain, and nothing that could be read in two ways', () => {
  for (const text of ['ada@example.com', "o'neil+tag@sub.example.co", 'x_y-z.1@xn--bcher-kva.example'])
    assert.ok(isMailAddress(text), text);
  const none = ['', 'ada', '@example.com', 'ada@', 'ada@localhost', '.ada@example.com', 'a..b@example.com'];
  const odd = ['a b@example.com', 'a@exa mple.com', 'a@b@example.com', 'ä@example.com', 'a@example.com\n', '<a@b.c>'];
  const long = [`${'a'.repeat(65)}@example.com`, `a@${'b'.repeat(250)}.com`, `a@${'b'.repeat(64)}.com`];
  for (const text of [...none, ...odd, ...long]) assert.ok(!isMailAddress(text), text);
});
