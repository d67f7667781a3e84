/** The lab itself: what it makes works, and nothing of it stays behind. Takes about 5 s. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { requireTools } from '../interop/requirements.ts';
import { IPERF_REQUIREMENTS, readIperfReport, runIperf, startIperfServer } from './iperf.ts';
import { LAB_REQUIREMENTS, Lab } from './lab.ts';
import { NGINX_REQUIREMENTS, startNginx } from './nginx.ts';
import { parseCpuSeconds } from './process-figures.ts';
import { startWireguardGoPair, WIREGUARD_GO_REQUIREMENTS } from './wireguard-go.ts';
import { readWrkReport } from './wrk.ts';

const namespaces = (): string => execFileSync('ip', ['netns', 'list'], { encoding: 'utf8' });

describe('a lab', () => {
  test('joins hosts by links and leaves nothing behind', async (t) => {
    if (!requireTools(t, [...LAB_REQUIREMENTS, ...NGINX_REQUIREMENTS, 'curl'])) return;
    const lab = Lab.open();
    const [left, right] = [lab.host(), lab.host()];
    const link = lab.link(left, right, { mtu: 1480 });
    await startNginx(right, 'server { listen 80; listen [::]:80; return 200 "here"; }');
    for (const address of [link.right.address, `[${link.right.address6}]`])
      assert.equal(left.execute('curl', '-s', '--max-time', '2', `http://${address}/`), 'here');
    for (const host of [left, right]) assert.match(host.ip('link', 'show', 'link1'), /mtu 1480/);
    left.nameHosts({ 'right.example': link.right.address });
    assert.equal(left.execute('curl', '-s', '--max-time', '2', 'http://right.example/'), 'here');
    const sleeper = left.spawn('sleep', ['60']);
    assert.match(namespaces(), new RegExp(left.namespace));
    await lab.close();
    assert.equal((await sleeper.ended).signal, 'SIGTERM');
    assert.doesNotMatch(namespaces(), new RegExp(`${left.namespace}|${right.namespace}`));
    assert.equal(existsSync(`/etc/netns/${left.namespace}`), false);
  });

  test('goes when its process is interrupted or killed', async (t) => {
    if (!requireTools(t, LAB_REQUIREMENTS)) return;
    for (const signal of ['SIGINT', 'SIGKILL'] as const) {
      const program = `import { Lab } from './test/lab/lab.ts';
        const lab = Lab.open(); const host = lab.host(); host.spawn('sleep', ['60']);
        console.log(host.namespace); setInterval(() => {}, 1000);`;
      const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', program], { stdio: 'pipe' });
      const name = await new Promise<string>((resolve) =>
        child.stdout.once('data', (text) => resolve(`${text}`.trim())),
      );
      assert.match(namespaces(), new RegExp(name));
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill(signal);
      await ended;
      // What was killed could not clean up; the next lab does.
      await Lab.open().close();
      assert.doesNotMatch(namespaces(), new RegExp(name), signal);
    }
  });

  test('refuses with a reason where something is missing', () => {
    assert.throws(() => Lab.open(['no-such-command']), /needs (root|the command)/);
  });

  test('carries a wireguard-go tunnel, iperf3 and the CPU it took', async (t) => {
    if (!requireTools(t, [...LAB_REQUIREMENTS, ...WIREGUARD_GO_REQUIREMENTS, ...IPERF_REQUIREMENTS])) return;
    await using lab = Lab.open();
    const [left, right] = [lab.host(), lab.host()];
    const link = lab.link(left, right, { mtu: 1500 });
    const pair = await startWireguardGoPair({ host: left, end: link.left }, { host: right, end: link.right }, 1420);
    await startIperfServer(right, 5201);
    for (const direction of ['download', 'upload'] as const) {
      const before = pair.left.process.cpuSeconds();
      const result = await runIperf(left, { host: pair.rightAddress, port: 5201, seconds: 1, direction });
      assert.ok(result.bytes > 1e6, `${result.bytes} bytes`);
      assert.ok(pair.left.process.cpuSeconds() > before);
    }
    assert.match(pair.left.show('transfer'), /\t[1-9]\d{6,}/);
  });

  test('serves by nginx', async (t) => {
    if (!requireTools(t, [...LAB_REQUIREMENTS, ...NGINX_REQUIREMENTS, 'curl'])) return;
    await using lab = Lab.open();
    const host = lab.host();
    const nginx = await startNginx(host, `server { listen 80; root {folder}; }`, { 'a.txt': 'from nginx' });
    assert.equal(host.execute('curl', '-s', 'http://127.0.0.1/a.txt'), 'from nginx');
    await nginx.close();
    assert.equal(nginx.process.isRunning, false);
  });
});

describe('figures', () => {
  test('CPU time of a process whose name has brackets and spaces', () => {
    const stat = '17 (a) b (c) S 1 17 17 0 -1 4194304 1 2 3 4 150 50 0 0 20 0 1 0 100 1 1';
    assert.equal(parseCpuSeconds(stat), 2);
    assert.ok(parseCpuSeconds(readFileSync(`/proc/${process.pid}/stat`, 'utf8')) > 0);
  });

  test('an iperf3 report', () => {
    const end = {
      sum_received: { bytes: 1000, seconds: 2, bits_per_second: 4000 },
      cpu_utilization_percent: { host_total: 30, remote_total: 20 },
    };
    const expected = { bytes: 1000, seconds: 2, megabitsPerSecond: 0.004, cpuSeconds: 1 };
    assert.deepEqual(readIperfReport(JSON.stringify({ end })), expected);
    assert.throws(() => readIperfReport('{"error":"unable to connect"}'), /iperf3: unable to connect/);
    assert.throws(() => readIperfReport('', 'killed'), /no report: killed/);
  });

  test('a wrk report', () => {
    const report = `Running 3s test @ https://127.0.0.1/1k
  1 threads and 32 connections
  Latency Distribution
     50%  960.00us
     75%    1.50ms
     90%    2.50ms
     99%    1.20s
  8787 requests in 3.00s, 12.01MB read
Requests/sec:   2928.43
Transfer/sec:      4.00MB
`;
    assert.deepEqual(readWrkReport(report), { requestsPerSecond: 2928.43, requests: 8787, p50Ms: 0.96, p99Ms: 1200 });
    assert.throws(() => readWrkReport(`${report}  Non-2xx or 3xx responses: 12\n`), /Non-2xx/);
    assert.throws(() => readWrkReport(`${report}  Socket errors: connect 0, read 3, write 0, timeout 0\n`), /Socket/);
  });
});
