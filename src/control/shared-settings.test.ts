import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Failure } from '../base/index.ts';
import { openSqliteStore, putControlNode, type Store } from '../io/store/index.ts';
import { NODE_SILENT_MS } from './constants.ts';
import { requireSameSettings } from './shared-settings.ts';

const NOW = 1_000_000;
const OTHER = { portalHost: 'manis.example', publicPort: 443 };

const dataDir = mkdtempSync(join(tmpdir(), 'manis-settings-'));
let store: Store;
before(async () => {
  store = await openSqliteStore({ dataDir, nowUnixMs: 1 });
});
after(async () => {
  await store.close();
  rmSync(dataDir, { recursive: true });
});

interface Case {
  readonly name: string;
  readonly own?: Partial<typeof OTHER & { controlId: string }>;
  readonly row?: { readonly seen_unix_ms?: number; readonly portal_host?: string };
  readonly failure?: RegExp;
}

const cases: Case[] = [
  { name: 'the same are taken' },
  {
    name: 'another host is refused',
    own: { portalHost: 'else.example' },
    failure: /--portal-host manis\.example, this/,
  },
  { name: 'another port is refused', own: { publicPort: 8443 }, failure: /--public-port 443, this one was given 8443/ },
  { name: 'a node may start anew with others', own: { portalHost: 'else.example', controlId: 'ctl_other' } },
  { name: 'a node that has stopped has no say', own: { publicPort: 1 }, row: { seen_unix_ms: 0 } },
  { name: 'one that is silent has none', own: { publicPort: 1 }, row: { seen_unix_ms: NOW - NODE_SILENT_MS } },
  { name: 'one of before has none', own: { publicPort: 1 }, row: { portal_host: '' } },
];
for (const { name, own, row, failure } of cases)
  test(name, async () => {
    const node = {
      ...{ id: 'ctl_other', signing_key: 'k', url: 'https://other:9443', software: 's', started_unix_ms: 1 },
      ...{ seen_unix_ms: NOW - 1, portal_host: OTHER.portalHost, public_port: OTHER.publicPort, ...row },
    };
    await store.transaction((transaction) => putControlNode(transaction, node));
    const asked = requireSameSettings(store.database, { ...OTHER, controlId: 'ctl_own', ...own }, NOW);
    if (!failure) return asked;
    await assert.rejects(asked, (error: Failure) => {
      assert.equal(error.code, 'control-settings-differ');
      assert.match(error.message, failure);
      assert.match(error.message, /stop all control nodes/);
      return true;
    });
  });
