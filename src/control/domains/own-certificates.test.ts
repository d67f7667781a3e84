import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createClock } from '../../io/clock.ts';
import { createLog } from '../../io/log.ts';
import type { OwnCertificate } from '../../io/own-certificate.ts';
import type { OwnCertificatesTable, Store } from '../../io/store/index.ts';
import { type Issued, issue } from '../../testing/client-pki.ts';
import { ControlWorld, type PopWorld } from '../../testing/control-world.ts';
import { StandInDns } from '../../testing/stand-in-dns.ts';
import { CertificateFiles } from './certificate-files.ts';

const DAY_MS = 86_400_000;
const site = (days: number, ...dns: readonly string[]): Promise<Issued> =>
  issue(Date.now(), { name: 'site', dns, untilMs: days * DAY_MS });
const pemOf = ({ certificatePem: chainPem, keyPem }: Issued) => ({ chainPem, keyPem });

describe('certificates that an organisation gives', () => {
  let world: ControlWorld;
  let dns: StandInDns;
  let pop: PopWorld;
  before(async () => {
    dns = await StandInDns.start();
    world = new ControlWorld();
    await world.start({ lookup: dns.lookup() });
    pop = await world.addPop('ams');
    pop.sees = ({ name, type }) => dns.records.get(`${name} ${type}`) ?? [];
  });
  after(async () => {
    await world.end();
    await dns.stop();
  });

  const leafOf = (id: string): string =>
    new X509Certificate(pop.find('certificate', id)?.chainPem ?? '').fingerprint256;

  test('are served for verified domains that choose them, renewed in place, and end in warnings', async () => {
    const first = await site(90, 'example.com', '*.example.com', 'elsewhere.test');
    const own = await world.must('POST', '/own-certificates', { name: 'site', ...pemOf(first) });
    assert.ok(!JSON.stringify(own).includes('PRIVATE KEY'));
    assert.deepEqual(own.warnings, ['it is signed by itself; nobody trusts it who was not told to']);
    await world.must('POST', '/resources', { name: 'Wiki', host: 'wiki.example.com' });
    const domain = await world.must('POST', '/domains', {
      ...{ name: 'example.com', mode: 'cname', certificate: 'own', ownCertificateId: own.id },
    });
    const [waiting] = (await world.must('GET', '/resources')).items;
    assert.deepEqual([waiting.domain.name, waiting.domain.state], ['example.com', 'waiting']);
    assert.match(
      waiting.domain.note,
      /^example\.com is not verified yet\. wiki\.example\.com has a certificate of the local/,
    );
    assert.equal(pop.find('certificate', own.id), undefined);

    const [proof] = domain.records;
    dns.records.set(`${proof.name} TXT`, [proof.value]);
    await world.must('POST', `/domains/${domain.id}/verify`, {});
    await pop.until(() => pop.find('certificate', own.id) !== undefined);
    assert.deepEqual(pop.find('certificate', own.id)?.hosts, ['example.com', '*.example.com'], 'not elsewhere.test');
    const given = new X509Certificate(first.certificatePem).fingerprint256;
    assert.equal(leafOf(own.id), given);
    assert.equal((await world.must('GET', '/resources')).items[0].domain.note, null);

    await world.must('PATCH', `/own-certificates/${own.id}`, pemOf(await site(10, 'example.com', '*.example.com')));
    await pop.until(() => leafOf(own.id) !== given);
    const { warnings } = await world.must('GET', '/status');
    assert.match(warnings.join(), /^Certificate site: it expires on .*, in 10 days; give a new one\.$/);
    const used = await world.api('DELETE', `/own-certificates/${own.id}`);
    assert.deepEqual([used.status, used.body.detail], [409, 'example.com would have none']);
  });

  test('are refused with what is wrong with them', async () => {
    const [a, b] = [await site(9, 'a.test'), await site(9, 'b.test')];
    const mixed = { name: 'mixed', chainPem: a.certificatePem, keyPem: b.keyPem };
    const { status, body } = await world.api('POST', '/own-certificates', mixed);
    assert.deepEqual([status, body.code], [400, 'certificate-invalid']);
    assert.match(body.detail, /the key does not belong to CN=site/);
    const none = await world.api('POST', '/domains', { name: 'x.test', mode: 'cname', certificate: 'own' });
    assert.equal(none.body.code, 'certificate-unknown');
  });

  test('may be files of the control node, for administrators of the installation', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'manis-own-'));
    const at = { chainPath: join(folder, 'chain.pem'), keyPath: join(folder, 'key.pem') };
    const missing = await world.api('POST', '/own-certificates', { name: 'files', files: at });
    assert.match(missing.body.detail, /chain\.pem cannot be read \(ENOENT\)/);
    const pair = pemOf(await site(90, 'files.test'));
    writeFileSync(at.chainPath, pair.chainPem);
    writeFileSync(at.keyPath, pair.keyPem);
    const own = await world.must('POST', '/own-certificates', { name: 'files', files: at });
    assert.deepEqual([own.hosts, own.files.chainPath], [['files.test'], at.chainPath]);
    rmSync(folder, { recursive: true });
  });
});

test('files that change are read again, and broken ones leave what was there', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'manis-files-'));
  const [chain_path, key_path] = [join(folder, 'chain.pem'), join(folder, 'key.pem')];
  const row = { id: 'crt_1', name: 'site', node_id: 'ctl_1', chain_path, key_path, chain_pem: '', fault: null };
  const rows = [row as unknown as OwnCertificatesTable, { ...row, id: 'crt_2', node_id: 'ctl_2' }];
  const happened: string[] = [];
  const execute = async (): Promise<unknown> => rows;
  const database = { selectFrom: () => ({ selectAll: () => ({ orderBy: () => ({ execute }) }) }) };
  const files = new CertificateFiles({
    store: { database } as unknown as Store,
    clock: createClock(),
    log: createLog({ level: 'silent' }),
    controlId: 'ctl_1',
    async changed(known, { chainPem, hosts }: OwnCertificate) {
      happened.push(`changed ${hosts}`);
      Object.assign(known, { chain_pem: chainPem, fault: null });
    },
    async faulty(known, fault) {
      happened.push(fault ?? 'no fault');
      Object.assign(known, { fault });
    },
  });
  const write = (path: string, text: string): void => {
    writeFileSync(`${path}.new`, text);
    renameSync(`${path}.new`, path);
  };
  const look = async (): Promise<string[]> => {
    await files.look();
    return happened.splice(0);
  };
  const [first, second] = [pemOf(await site(9, 'one.test')), pemOf(await site(9, 'two.test'))];
  write(chain_path, first.chainPem);
  write(key_path, first.keyPem);
  assert.deepEqual(await look(), ['changed one.test']);
  assert.deepEqual(await look(), [], 'nothing has changed');
  write(chain_path, second.chainPem);
  assert.match((await look()).join(), /the key does not belong to CN=site/);
  assert.deepEqual(await look(), [], 'it is said once');
  write(key_path, second.keyPem);
  assert.deepEqual(await look(), ['changed two.test']);
  rmSync(chain_path);
  assert.match((await look()).join(), /cannot be read \(ENOENT\)/);
  write(chain_path, second.chainPem);
  assert.deepEqual(await look(), ['no fault']);
  rmSync(folder, { recursive: true });
});
