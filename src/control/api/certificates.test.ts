// Certificates and the ACME directory through the API of a real control node, with a directory that the test plays.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createClock } from '../../io/clock.ts';
import { ControlWorld } from '../../testing/control-world.ts';
import { StandInDirectory } from '../../testing/stand-in-directory.ts';

const DIRECTORY = 'https://directory.example/dir';
const KEY = 'zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W';
const world = new ControlWorld();
const directory = new StandInDirectory(createClock());
const opened: { readonly directoryUrl: string; readonly binding?: unknown }[] = [];

before(() =>
  world.start({
    dnsZone: 'manis.localhost',
    acme: {
      open: (options) => {
        opened.push(options);
        return directory;
      },
    },
    firstAcme: {
      ...{ directoryUrl: DIRECTORY, contacts: ['ada@example.org'], termsAgreed: true, caPem: null, profile: null },
      ...{ externalAccountKeyId: 'kid-1', externalAccountKey: KEY, isDefault: true },
    },
  }),
);
after(() => world.end());

async function untilState(id: string, state: string) {
  for (;;) {
    const { body } = await world.api('GET', `/certificates/${id}`);
    if (body.state === state && body.issuedBy === 'acme') return body;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test('the first start takes the directory from its settings, and the portal gets its certificate there', async () => {
  const settings = await world.must('GET', '/acme');
  assert.equal(settings.directoryUrl, DIRECTORY);
  assert.deepEqual([settings.externalAccountKeyId, settings.hasExternalAccountKey], ['kid-1', true]);
  const certificate = await untilState('manis.localhost', 'valid');
  assert.deepEqual(certificate.names, ['manis.localhost', '*.manis.localhost']);
  assert.deepEqual([certificate.order.phase, certificate.error, certificate.source], ['waiting', null, 'acme']);
  assert.ok(certificate.renewUnixMs < certificate.notAfterUnixMs);
  assert.deepEqual(opened.at(-1)?.binding, { keyId: 'kid-1', key: KEY });
  assert.match((await world.must('GET', '/acme')).accountUrl, /^https:/);
  const { items } = await world.must('GET', '/certificates');
  assert.deepEqual(
    items.map(({ id }: { id: string }) => id),
    ['manis.localhost'],
  );
});

test('an order by hand is in the audit, with whoever asked', async () => {
  const orders = directory.orders.length;
  const answer = await world.api('POST', '/certificates/manis.localhost/renew');
  assert.equal(answer.status, 202);
  while (directory.orders.length === orders) await new Promise((resolve) => setTimeout(resolve, 20));
  await untilState('manis.localhost', 'valid');
  const { items } = await world.must('GET', '/audit?action=certificate.renew');
  assert.match(items[0].actor, /^(token|user):/);
});

test('the key of an external account goes to its directory alone, and is never told', async () => {
  const body = { directoryUrl: DIRECTORY, termsAgreed: true, externalAccountKeyId: 'kid-1' };
  assert.equal((await world.api('PUT', '/acme', body)).body.hasExternalAccountKey, true);
  for (const change of [
    { directoryUrl: 'https://elsewhere.example/dir' },
    { externalAccountKeyId: 'kid-2' },
    { caPem: 'another authority' },
  ]) {
    const refused = await world.api('PUT', '/acme', { ...body, ...change });
    assert.deepEqual([refused.status, refused.body.code], [400, 'acme-settings-invalid'], JSON.stringify(change));
  }
  assert.equal((await world.api('PUT', '/acme', { ...body, directoryUrl: 'http://plain.example/' })).status, 400);
  const told = JSON.stringify([await world.must('GET', '/acme'), await world.must('GET', '/audit'), world.logLines]);
  assert.ok(!told.includes(KEY));
});

test('what is not there is said by name', async () => {
  assert.equal((await world.api('GET', '/certificates/nobody.example')).body.code, 'not-found');
  assert.equal((await world.api('POST', '/certificates/nobody.example/renew')).body.code, 'not-found');
  assert.equal((await world.api('DELETE', '/acme')).status, 204);
  assert.equal((await world.api('DELETE', '/acme')).body.code, 'acme-not-set');
  assert.equal((await world.api('GET', '/acme')).body.code, 'acme-not-set');
  assert.equal((await world.api('POST', '/certificates/manis.localhost/renew')).body.code, 'certificate-not-ordered');
  const { body } = await world.api('GET', '/certificates/manis.localhost');
  assert.deepEqual([body.source, body.issuedBy, body.order], ['local', 'local', null]);
});

test('hosts that a PoP has no good certificate for are in the status', async () => {
  const pop = await world.addPop('Amsterdam');
  const certificates = [{ host: 'a.example', problem: 'missing' as const }];
  pop.client.send({ type: 'status', connectors: [], certificates });
  for (;;) {
    const { pops } = await world.must('GET', '/status');
    if (pops[0].certificates.length === 0) continue;
    assert.deepEqual(pops[0].certificates, certificates);
    return;
  }
});
