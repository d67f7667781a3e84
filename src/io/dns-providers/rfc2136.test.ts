import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { freePort } from '../../testing/free-ports.ts';
import { lookUp } from '../dns/dns-client.ts';
import { createDnsProvider } from './create-dns-provider.ts';

/** Debian's package knot: somebody else's reading of RFC 2136 and RFC 8945. */
const hasKnot = isThere('knotd');
const NAME = '_acme-challenge.www.example.com';
const ports = { unixMs: () => Date.now(), wait: async () => undefined };

describe('dynamic updates of Knot DNS', { skip: !hasKnot && 'knotd is not installed' }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'manis-knot-'));
  const secrets = { 'hmac-sha256': randomBytes(32), 'hmac-sha512': randomBytes(64) } as const;
  let knot: ChildProcess | undefined;
  let port = 0;

  const providerOf = (change: object = {}, secret = secrets['hmac-sha256'].toString('base64')) =>
    createDnsProvider(
      {
        ...{ kind: 'rfc2136', server: `127.0.0.1:${port}`, keyName: 'Manis-Key', algorithm: 'hmac-sha256' },
        ...{ allowPrivate: true, ...change },
      },
      secret,
      ports,
    );
  const texts = async (): Promise<(string | undefined)[]> => {
    const answer = await lookUp({ host: '127.0.0.1', port }, NAME, 'TXT', { recursion: false });
    return answer.answers.map(({ value }) => value).sort();
  };

  before(async () => {
    port = await freePort();
    const keys = Object.entries(secrets).map(([algorithm, secret], i) =>
      [`  - id: manis-key${i || ''}`, `    algorithm: ${algorithm}`, `    secret: ${secret.toString('base64')}`].join(
        '\n',
      ),
    );
    writeFileSync(
      join(folder, 'example.com.zone'),
      'example.com. 60 IN SOA ns.example.com. host.example.com. 1 60 60 600 60\nexample.com. 60 IN NS ns.example.com.\nns.example.com. 60 IN A 127.0.0.1\n',
    );
    writeFileSync(
      join(folder, 'knot.conf'),
      `server:\n    listen: 127.0.0.1@${port}\n    rundir: "${folder}"\n    user: root\ndatabase:\n    storage: "${folder}"\nlog:\n  - target: stderr\n    any: warning\n` +
        `key:\n${keys.join('\n')}\nacl:\n  - id: updates\n    key: [manis-key, manis-key1]\n    action: update\n` +
        `zone:\n  - domain: example.com\n    storage: "${folder}"\n    file: example.com.zone\n    acl: updates\n`,
    );
    knot = spawn('knotd', ['-c', join(folder, 'knot.conf')], { stdio: 'ignore' });
    for (let tries = 0; ; tries++) {
      const isUp = await lookUp({ host: '127.0.0.1', port }, 'example.com', 'SOA', { recursion: false }).then(
        ({ rcode }) => rcode === 'NOERROR',
        () => false,
      );
      if (isUp) return;
      assert.ok(tries < 200, 'knotd did not start');
      await new Promise((done) => setTimeout(done, 50));
    }
  });
  after(async () => {
    const over = new Promise((done) => knot?.once('exit', done));
    knot?.kill();
    await over;
    rmSync(folder, { recursive: true, force: true });
  });

  test('add texts beside one another, and take one away', async () => {
    const provider = providerOf();
    await provider.putTxt(NAME, 'one');
    await provider.putTxt(NAME, 'two');
    await provider.putTxt(NAME, 'two');
    assert.deepEqual(await texts(), ['one', 'two']);
    await provider.removeTxt(NAME, 'one');
    await provider.removeTxt(NAME, 'one');
    assert.deepEqual(await texts(), ['two']);
    await provider.removeTxt(NAME, 'two');
    assert.deepEqual(await texts(), []);
    assert.equal(await provider.zoneOf(NAME), 'example.com');
  });

  test('may be signed with SHA-512', async () => {
    const provider = providerOf(
      { keyName: 'manis-key1', algorithm: 'hmac-sha512' },
      secrets['hmac-sha512'].toString('base64'),
    );
    await provider.putTxt(NAME, 'three');
    assert.deepEqual(await texts(), ['three']);
    await provider.removeTxt(NAME, 'three');
  });

  const refusals: [string, object, string | undefined, string, RegExp][] = [
    ['a secret that is not the key’s', {}, randomBytes(32).toString('base64'), 'dns-provider-denied', /BADSIG/],
    ['a key that it does not know', { keyName: 'nobody' }, undefined, 'dns-provider-denied', /BADKEY|NOTAUTH/],
    [
      'a private address that is not allowed',
      { allowPrivate: false },
      undefined,
      'dns-provider-unreachable',
      /may not go/,
    ],
  ];
  for (const [name, change, secret, code, message] of refusals)
    test(`refused: ${name}`, async () => {
      await assert.rejects(providerOf(change, secret).putTxt(NAME, 'no'), (error: Error & { code: string }) => {
        assert.equal(error.code, code);
        assert.match(error.message, message);
        return true;
      });
      assert.deepEqual(await texts(), []);
    });

  test('refused: a name of no zone that it serves', async () => {
    await assert.rejects(providerOf().putTxt('_acme-challenge.example.net', 'no'), {
      code: 'dns-provider-zone-unknown',
    });
  });

  test('refused: the clock of who asks is far off', async () => {
    const late = { ...ports, unixMs: () => Date.now() - 3_600_000 };
    const settings = { keyName: 'manis-key', algorithm: 'hmac-sha256', allowPrivate: true } as const;
    const provider = createDnsProvider(
      { kind: 'rfc2136', server: `127.0.0.1:${port}`, ...settings },
      secrets['hmac-sha256'].toString('base64'),
      late,
    );
    await assert.rejects(provider.putTxt(NAME, 'no'), /BADTIME/);
  });
});

function isThere(program: string): boolean {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
