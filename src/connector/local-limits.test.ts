import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GrantedTarget, SiteGrant } from '../core/link/index.ts';
import { narrowedGrant } from './local-limits.ts';

const target = (id: string, host: string, transport?: 'unix' | 'udp'): GrantedTarget => ({
  ...{ id, overlayPort: 1_024, host, port: 80 },
  ...(transport && { transport }),
});
const TARGETS = [
  target('tcp', '10.0.0.1'),
  target('udp', '10.0.0.1', 'udp'),
  target('inside', '/run/apps/wiki.sock', 'unix'),
  target('deeper', '/run/apps/a/b.sock', 'unix'),
  target('beside', '/run/apps-not/wiki.sock', 'unix'),
  target('docker', '/run/docker.sock', 'unix'),
  target('dots', '/run/apps/../docker.sock', 'unix'),
  target('slashes', '/run/apps//wiki.sock', 'unix'),
];
const grant = { siteId: 'site', version: { epoch: 1, revision: 1 }, pops: [], targets: TARGETS } satisfies SiteGrant;
const idsOf = ({ targets }: SiteGrant): string[] => targets.map(({ id }) => id);

test('without a folder everything that is granted may be dialled', () =>
  assert.equal(narrowedGrant(grant, undefined), grant));

for (const folder of ['/run/apps', '/run/apps/'])
  test(`with ${folder} unix sockets inside it alone`, () =>
    assert.deepEqual(idsOf(narrowedGrant(grant, folder)), ['tcp', 'udp', 'inside', 'deeper']));
