import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type TlsFlags, tlsBody } from './target-tls.ts';

test('flags about TLS make a body of what they say, and of nothing else', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'manis-cli-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const file = async (name: string): Promise<string> => {
    await writeFile(join(folder, name), `text of ${name}`);
    return join(folder, name);
  };
  const [ca, chain, key] = [await file('ca.pem'), await file('chain.pem'), await file('key.pem')];
  const shown = { chainPem: 'text of chain.pem', keyPem: 'text of key.pem' };
  const table: readonly (readonly [flags: TlsFlags, body: object | undefined])[] = [
    [{}, undefined],
    [{ tlsServerName: 'inner' }, { serverName: 'inner' }],
    [{ tlsVerify: false }, { verify: false }],
    [{ tlsCaFile: ca }, { caPem: 'text of ca.pem' }],
    [{ tlsCaFile: 'none' }, { caPem: null }],
    [{ tlsCertificateFile: chain, tlsKeyFile: key }, { clientCertificate: shown }],
    [{ tlsCertificateFile: 'none' }, { clientCertificate: null }],
  ];
  for (const [flags, body] of table) assert.deepEqual(await tlsBody(flags), body, JSON.stringify(flags));
  for (const flags of [
    { tlsCertificateFile: chain },
    { tlsKeyFile: key },
    { tlsCertificateFile: 'none', tlsKeyFile: key },
  ])
    await assert.rejects(tlsBody(flags), /go together/);
  await assert.rejects(tlsBody({ tlsCaFile: join(folder, 'not-there.pem') }), /not-there/);
});
