import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createRandom } from '../../io/random.ts';
import { insertAuditEvents, openSqliteStore, type Store } from '../../io/store/index.ts';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import type { LoggedRequest } from '../request-log/request-rows.ts';
import { LIVE_NEWS_BATCH_CHARS } from './constants.ts';
import { LiveShare } from './live-share.ts';

let store: Store;
let dataDir: string;
const clock = new VirtualClock();
before(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'manis-live-'));
  store = await openSqliteStore({ dataDir, nowUnixMs: 1 });
});
after(async () => {
  await store.close();
  await rm(dataDir, { recursive: true, force: true });
});

const share = (controlId: string) => new LiveShare({ store, clock, random: createRandom(), controlId });
const request = (organisationId: string, path = '/') => ({ logId: 'req_1', organisationId, path }) as LoggedRequest;
const heard = (...records: LoggedRequest[]) => ({ popId: 'pop', records, traffic: [] });

test('what one node hears of an organisation, another that is looked through learns, and nothing of others', async () => {
  const [near, far] = [share('near'), share('far')];
  const looked = new Set(['org']);
  far.tell(heard(request('org')));
  await far.exchange(new Set());
  assert.deepEqual(await near.exchange(looked), [], 'nobody looked when it was heard');
  await far.exchange(new Set());
  far.tell(heard(request('org'), request('other')));
  await far.exchange(new Set());
  const news = await near.exchange(looked);
  assert.deepEqual(news, [{ kind: 'heard', ...heard(request('org')) }]);
  assert.deepEqual(await near.exchange(looked), [], 'it is told once');
  far.tell(heard(request('org', 'x'.repeat(LIVE_NEWS_BATCH_CHARS))));
  await far.exchange(new Set());
  assert.deepEqual(await near.exchange(looked), [{ kind: 'heard', ...heard() }], 'what is long is left out');
});

test('a change by another node is told, and one that is none of theirs is not', async () => {
  const near = share('near-2');
  await near.exchange(new Set(['org']));
  const event = {
    ...{ unix_ms: Math.round(clock.unixMs()), source: 'control', actor: null, outcome: 'done', client_address: '' },
    ...{ detail: '{}', action: 'site.add', subject: 'sit_1' },
  };
  await insertAuditEvents(store.database, [
    { ...event, id: 'aud_1', organisation_id: 'org' },
    { ...event, id: 'aud_2', organisation_id: 'other' },
  ]);
  assert.deepEqual(await near.exchange(new Set(['org'])), [
    { kind: 'changed', organisationId: 'org', action: 'site.add', subject: 'sit_1' },
  ]);
});
