/** What becomes of a call to a control node that dies on the way, when the link goes over to another. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { issueLeaf, type Leaf, type LocalCa, openLocalCa } from '../io/certificates.ts';
import { createClock } from '../io/clock.ts';
import { createRandom } from '../io/random.ts';
import { ControlCalls } from './control-calls.ts';

const folder = mkdtempSync(join(tmpdir(), 'manis-calls-'));
const client = { clientAddress: '::1', userAgent: '' };
let ca: LocalCa;
let leaf: Leaf;
const servers: Server[] = [];

before(async () => {
  const [clock, random] = [createClock(), createRandom()];
  ca = await openLocalCa(folder, clock.unixMs(), random);
  leaf = issueLeaf(ca, { dns: ['localhost'], ip: ['127.0.0.1'] }, clock.unixMs(), random);
});
after(() => {
  for (const server of servers) server.close();
  rmSync(folder, { recursive: true });
});

/** A control node that answers every call, or dies of the first. `asked` is called for each. */
async function node(isWell: boolean, asked: () => void) {
  const server = createServer({ key: leaf.keyPem, cert: leaf.chainPem }, (request, response) => {
    asked();
    if (!isWell) return void request.socket.destroy();
    response.end(JSON.stringify({ token: 't', expiresUnixMs: 9, email: 'ann@example.org' }));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    controlId: 'c',
    baseUrl: `https://127.0.0.1:${port}`,
    authentication: 'pop.secret',
    caPem: ca.certificatePem,
  };
}

interface Case {
  readonly name: string;
  readonly call: (calls: ControlCalls) => Promise<{ readonly outcome: string } | boolean | undefined>;
  readonly gives: unknown;
  /** How often the second node is asked. */
  readonly again: number;
}

const CASES: readonly Case[] = [
  { name: 'a sign-in', call: (calls) => calls.signIn('a', 'b', client), gives: 'signed-in', again: 1 },
  { name: 'a renewal', call: (calls) => calls.renew('t', '::1'), gives: 'signed-in', again: 1 },
  { name: 'a sign-out', call: (calls) => calls.signOut('t', '::1'), gives: true, again: 1 },
  { name: 'a look at a set-up link', call: (calls) => calls.readSetUp('t', '::1'), gives: 'known', again: 1 },
  {
    name: 'a set-up, which may be spent',
    call: (calls) => calls.setUp('t', 'p', client),
    gives: 'unreachable',
    again: 0,
  },
];

for (const { name, call, gives, again } of CASES)
  test(`${name} is ${again === 0 ? 'not asked again' : 'asked once more'} where its control node died on the way`, async () => {
    let asked = 0;
    const calls = new ControlCalls();
    const well = await node(true, () => asked++);
    const doomed = await node(false, () => {
      calls.linkEnded();
      calls.linkOpened(well);
    });
    calls.linkOpened(doomed);
    const result = await call(calls);
    assert.equal(typeof result === 'object' ? result.outcome : result, gives);
    assert.equal(asked, again);
    calls.stop();
  });

test('a call that comes between two links waits for the next one; without a link for long it does not', async () => {
  const calls = new ControlCalls();
  assert.deepEqual(await calls.signIn('a', 'b', client), { outcome: 'unreachable' });
  const well = await node(true, () => undefined);
  calls.linkOpened(well);
  calls.linkEnded();
  const waiting = calls.setUp('t', 'p', client);
  calls.linkOpened(well);
  assert.equal((await waiting).outcome, 'signed-in', 'nothing was sent before, so nothing can be spent');
  calls.stop();
  assert.deepEqual(await calls.signIn('a', 'b', client), { outcome: 'unreachable' });
});
