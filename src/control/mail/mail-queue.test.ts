import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { type Mail, MailFailure } from '../../io/mail/send-mail.ts';
import { createRandom } from '../../io/random.ts';
import { openSqliteStore, type Store } from '../../io/store/index.ts';
import { createStoreSealing } from '../../io/store-sealing.ts';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import { MAIL_CLAIM_MS, MAIL_RETRY_DELAYS_MS, MAILS_AT_ONCE } from '../constants.ts';
import { MailQueue } from './mail-queue.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'manis-queue-'));
const HOUR_MS = 3_600_000;
const letter = { subject: 'S', text: 'the code is 314159', html: '<p>the code is 314159</p>' };
let clock: VirtualClock;
let store: Store;
let sent: Mail[];
let lost: string[];
let answer: () => void | Promise<void>;

before(async () => {
  store = await openSqliteStore({ dataDir, nowUnixMs: 1 });
});
beforeEach(async () => {
  await store.database.deleteFrom('mails').execute();
  clock = new VirtualClock(0, 1_764_000_000_000);
  sent = [];
  lost = [];
  answer = () => undefined;
});
after(async () => {
  await store.close();
  rmSync(dataDir, { recursive: true });
});

function queue(): MailQueue {
  return new MailQueue({
    ...{ store, clock, random: createRandom(), sealing: createStoreSealing(new Uint8Array(32).fill(7)) },
    serverOf: async () => ({ host: 'h', port: 25, security: 'none', from: { address: 'm@example.com', name: 'M' } }),
    send: async (_server, mail) => {
      await answer();
      sent.push(mail);
    },
    lost: async (_row, reason) => void lost.push(reason),
    failed: (error) => assert.fail(String(error)),
  });
}

const outgoing = (to: string, livesMs = HOUR_MS) => ({
  ...{ organisationId: 'org_1', purpose: 'code' as const, to, letter, livesMs },
});
const later = () => {
  throw new MailFailure('mail-put-off', 'later');
};

test('a mail goes out once, and the store never held its words in clear', async () => {
  const mails = queue();
  await mails.add(store.database, outgoing('ada@example.com'));
  const [row] = await store.database.selectFrom('mails').selectAll().execute();
  assert.ok(!JSON.stringify(row).includes('314159') && !Buffer.from(row?.contents ?? '', 'base64').includes('314159'));
  await mails.work();
  await mails.work();
  assert.deepEqual(
    sent.map(({ to, text }) => [to, text]),
    [['ada@example.com', letter.text]],
  );
  assert.equal((await store.database.selectFrom('mails').selectAll().execute()).length, 0);
});

test('a server that puts it off is tried again, later and later, until nobody wants it', async () => {
  const mails = queue();
  answer = later;
  await mails.add(store.database, outgoing('ada@example.com', (MAIL_RETRY_DELAYS_MS[0] as number) + 20_000));
  await mails.work();
  await mails.work();
  assert.equal((await store.database.selectFrom('mails').select('tries').executeTakeFirstOrThrow()).tries, 1);
  clock.advance(MAIL_RETRY_DELAYS_MS[0] as number);
  await mails.work();
  assert.deepEqual(lost, ['later'], 'the next try would come too late');
  assert.equal(sent.length, 0);
});

test('a mail that waited outlives a restart, under the same id', async () => {
  answer = later;
  const first = queue();
  await first.add(store.database, outgoing('ada@example.com'));
  await first.work();
  await first.stop();
  answer = () => undefined;
  clock.advance(HOUR_MS / 2);
  await queue().work();
  assert.equal(sent.length, 1);
  assert.match(sent[0]?.messageId ?? '', /^<mai_[a-z0-9]+@example\.com>$/);
});

test('a mail that a node died over is sent by another, after its claim has ended', async () => {
  const dying = queue();
  const never = Promise.withResolvers<void>();
  answer = () => never.promise;
  await dying.add(store.database, outgoing('ada@example.com'));
  const working = dying.work();
  while ((await store.database.selectFrom('mails').select('tries').executeTakeFirstOrThrow()).tries === 0);
  answer = () => undefined;
  const other = queue();
  await other.work();
  assert.equal(sent.length, 0, 'it is the other node that is at it');
  clock.advance(MAIL_CLAIM_MS);
  await other.work();
  assert.equal(sent.length, 1);
  never.resolve();
  await working;
});

test('a refusal for good is not tried again', async () => {
  const mails = queue();
  answer = () => {
    throw new MailFailure('mail-refused', 'no such mailbox');
  };
  await mails.add(store.database, outgoing('ada@example.com'));
  await mails.work();
  assert.deepEqual(lost, ['no such mailbox']);
});

test('two nodes that look at once send each mail once', async () => {
  const nodes = [queue(), queue()];
  for (let i = 0; i < 3 * MAILS_AT_ONCE; i++) await nodes[0]?.add(store.database, outgoing(`u${i}@example.com`));
  await Promise.all(nodes.map((node) => node.work()));
  assert.equal(new Set(sent.map(({ to }) => to)).size, 3 * MAILS_AT_ONCE);
  assert.equal(sent.length, 3 * MAILS_AT_ONCE);
});

test('what another installation sealed is not sent', async () => {
  const mails = queue();
  await mails.add(store.database, outgoing('ada@example.com'));
  await store.database.updateTable('mails').set({ contents: 'AAAA' }).execute();
  await mails.work();
  assert.equal(sent.length, 0);
  assert.equal(lost.length, 1);
});
