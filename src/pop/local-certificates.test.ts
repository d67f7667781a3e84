import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { connect } from 'node:tls';
import { createLog } from '../io/log.ts';
import { issue } from '../testing/client-pki.ts';
import { APP_HOST, PopWorld, PUBLIC, resource } from '../testing/pop-world.ts';
import { CertificateTable } from './certificates.ts';
import { LocalCertificates } from './local-certificates.ts';

describe('certificates in files of a PoP', () => {
  const folder = mkdtempSync(join(tmpdir(), 'manis-pop-files-'));
  const at = { chainPath: join(folder, 'chain.pem'), keyPath: join(folder, 'key.pem') };
  let world: PopWorld;
  const write = async (name: string): Promise<void> => {
    const { certificatePem, keyPem } = await issue(world.clock.unixMs(), { name, dns: [APP_HOST] });
    writeFileSync(at.chainPath, certificatePem);
    writeFileSync(at.keyPath, keyPem);
  };
  before(async () => {
    world = await PopWorld.start();
  });
  after(async () => {
    await world.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('go before those of control, and stay where what is new is broken', async () => {
    const lines: string[] = [];
    const log = createLog({ level: 'debug', destination: { write: (line) => void lines.push(line) } });
    let changes = 0;
    const changed = () => void changes++;
    const local = new LocalCertificates({ files: [at], clock: world.clock, log, changed });
    const table = new CertificateTable(() => assert.fail());
    await write('first');
    await local.look();
    await local.look();
    assert.equal(changes, 1);
    const [first] = local.records;
    const ofControl = { ...(first ?? assert.fail()), id: 'of control', notAfterUnixMs: Number.MAX_SAFE_INTEGER };
    table.prefer(local.records);
    table.replace([ofControl]);
    assert.equal(table.recordFor(APP_HOST)?.id, `file:${at.chainPath}`);
    writeFileSync(at.keyPath, 'rubbish');
    await local.look();
    assert.deepEqual([...local.records], [first]);
    assert.match(lines.at(-1) ?? '', /the key is no private key in PEM.*"theOneBeforeGoesOn":true/);
    await write('second');
    await local.look();
    assert.equal(changes, 2);
    assert.notEqual([...local.records][0]?.chainPem, first?.chainPem);
    local.stop();
  });

  test('are shown by a PoP that has them from its start', async () => {
    await write('shown');
    const other = await PopWorld.start({ certificateFiles: [at] });
    const port = await other.listen(createServer((_request, response) => response.end('hello')));
    other.publishBasics(resource(port, { host: APP_HOST, policy: PUBLIC }));
    const socket = connect({
      ...{ host: '127.0.0.1', port: other.pop.https[0]?.port ?? 0, servername: APP_HOST, rejectUnauthorized: false },
    });
    await new Promise((done) => socket.once('secureConnect', done));
    assert.equal(socket.getPeerCertificate().subject.CN, 'shown');
    socket.destroy();
    await other.stop();
  });
});
