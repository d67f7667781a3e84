/** The name server of a PoP against the clients of BIND (`dig`) and Knot (`kdig`), over real sockets. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { type DnsServer, openDnsServer } from '../../src/io/dns/dns-server.ts';
import { dnsOf, ZONE } from '../../src/testing/dns-world.ts';
import { requireTools } from './requirements.ts';

const run = promisify(execFile);

describe('DNS', () => {
  const { dns, counters, clock } = dnsOf();
  const servers: DnsServer[] = [];
  const at: Record<string, number> = {};

  before(async () => {
    for (const host of ['127.0.0.1', '::1']) {
      const server = await openDnsServer({ host, port: 0 }, dns);
      servers.push(server);
      at[host] = server.endpoint.port;
    }
  });
  after(() => Promise.all(servers.map((server) => server.close())));

  async function asked(tool: string, words: readonly string[], host = '127.0.0.1'): Promise<string> {
    clock.advance(1_000);
    const { stdout } = await run(tool, [`@${host}`, '-p', String(at[host]), '+norecurse', ...words]);
    return stdout;
  }

  interface Row {
    readonly name: string;
    readonly words: readonly string[];
    readonly host?: string;
    readonly dig: RegExp;
    readonly kdig?: RegExp;
  }

  const NXDOMAIN = /status: NXDOMAIN/;
  const SOA = /SOA\s+ns1\.manis\.example\.com\. hostmaster\.manis\.example\.com\. \d+ 3600 600 604800 20/;
  const ROWS: readonly Row[] = [
    { name: 'an address over UDP', words: ['+notcp', ZONE, 'A'], dig: /manis\.example\.com\.\s+20\s+IN\s+A\s+198\.18/ },
    {
      name: 'an address over TCP',
      words: ['+tcp', `app.${ZONE}`, 'A'],
      dig: /app\.manis\.example\.com\.\s+20\s+IN\s+A/,
    },
    { name: 'an IPv6 address, over IPv6', words: [ZONE, 'AAAA'], host: '::1', dig: /AAAA\s+2001:db8::3/ },
    { name: 'the same without EDNS', words: ['+noedns', ZONE, 'A'], dig: /IN\s+A\s+198\.18/ },
    {
      name: 'name servers with their addresses',
      words: [ZONE, 'NS'],
      dig: /NS\s+ns3\.[\s\S]*ns1\.manis\.example\.com\.\s+300\s+IN\s+A/,
    },
    { name: 'the SOA', words: [ZONE, 'SOA'], dig: SOA },
    { name: 'who may issue certificates', words: [ZONE, 'CAA'], dig: /CAA\s+0 issue "letsencrypt\.org"/ },
    { name: 'no such name', words: [`nope.${ZONE}`, 'A'], dig: NXDOMAIN },
    { name: 'no such name: the SOA', words: [`nope.${ZONE}`, 'A'], dig: SOA },
    {
      name: 'no such record',
      words: [ZONE, 'MX'],
      dig: /status: NOERROR[\s\S]*ANSWER: 0, AUTHORITY: 1/,
      kdig: /status: NOERROR[\s\S]*ANSWER: 0; AUTHORITY: 1/,
    },
    { name: 'ANY, in short', words: [ZONE, 'ANY'], dig: /HINFO\s+"?RFC8482"? ""/ },
    { name: 'another zone', words: ['example.org', 'A'], dig: /status: REFUSED/ },
    { name: 'a transfer', words: [ZONE, 'AXFR'], dig: /Transfer failed/, kdig: /Received 0 B/ },
    {
      name: "a client's subnet",
      words: ['+subnet=12.34.56.0/24', ZONE, 'A'],
      dig: /CLIENT-SUBNET: 12\.34\.56\.0\/24\/24/,
      kdig: /12\.34\.56\.0\/24\/24/,
    },
    {
      name: 'a hidden subnet',
      words: ['+subnet=0.0.0.0/0', ZONE, 'A'],
      dig: /status: NOERROR[\s\S]*CLIENT-SUBNET: 0\.0\.0\.0\/0\/0|status: NOERROR/,
      kdig: /status: NOERROR/,
    },
    {
      name: 'mixed case, letter for letter',
      words: [`aPP.${ZONE}`, 'A'],
      dig: /aPP\.manis\.example\.com\.\s+20/,
      kdig: /app\.manis\.example\.com\.\s+20/,
    },
  ];

  for (const tool of ['dig', 'kdig'] as const) {
    for (const row of ROWS) {
      test(`${tool} reads: ${row.name}`, async (t) => {
        if (!requireTools(t, [tool])) return;
        const stdout = await asked(tool, row.words, row.host).catch((error: { stdout?: string }) => error.stdout ?? '');
        assert.match(stdout, tool === 'kdig' ? (row.kdig ?? row.dig) : row.dig);
        assert.doesNotMatch(stdout, /malformed|WARNING|BADVERS|timed out/i);
      });
    }
  }

  test('dig: an EDNS version to come is told which one is spoken', async (t) => {
    if (!requireTools(t, ['dig'])) return;
    assert.match(await asked('dig', ['+edns=1', '+noednsneg', ZONE, 'A']), /status: BADVERS/);
  });

  test('dig: an opcode that is not spoken', async (t) => {
    if (!requireTools(t, ['dig'])) return;
    assert.match(await asked('dig', ['+opcode=NOTIFY', ZONE, 'SOA']), /status: NOTIMP/);
  });

  test('dig: cookies and padding are no reason to refuse', async (t) => {
    if (!requireTools(t, ['dig'])) return;
    assert.match(await asked('dig', ['+cookie=0123456789abcdef', '+padding=128', ZONE, 'A']), /status: NOERROR/);
  });

  test('dig: a flood from its block of addresses drives it to TCP, and it gets its answer there', async (t) => {
    if (!requireTools(t, ['dig'])) return;
    const flood = createSocket('udp4');
    const query = Buffer.from('000101000001000000000000056d616e6973076578616d706c6503636f6d0000010001', 'hex');
    // The virtual clock stands still, so the bucket of this block stays empty.
    for (let i = 0; counters.of('dns', 'dns-rate-limited') < 200; i++) {
      flood.send(query, at['127.0.0.1'] as number, '127.0.0.1');
      if (i % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    flood.close();
    await once(flood, 'close');
    const { stdout } = await run('dig', [
      '@127.0.0.1',
      '-p',
      String(at['127.0.0.1']),
      '+tries=6',
      '+timeout=1',
      ZONE,
      'A',
    ]);
    assert.match(stdout, /Truncated, retrying in TCP[\s\S]*status: NOERROR/);
  });
});
