// `npm test`: every test. Installs what is missing (on Debian as root, foreign software for interop and browser tests
// too), runs node's test runner, and ends with one line that a machine can count. Where nothing may be missing (CI,
// root, Debian) a skipped test is a failed run. `npm test -- FILE...` runs some files alone.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultFlags, ensureInstalled, findNode, nodeEnvironment, root, say } from './bootstrap.mjs';
import { ensureConsole } from './console.mjs';

/** Debian package -> a file it brings. */
const DEBIAN_PACKAGES = {
  chromium: '/usr/bin/chromium',
  'wireguard-go': '/usr/bin/wireguard-go',
  'wireguard-tools': '/usr/bin/wg',
  iperf3: '/usr/bin/iperf3',
  'nginx-light': '/usr/sbin/nginx',
  wrk: '/usr/bin/wrk',
  tcpdump: '/usr/bin/tcpdump',
  iproute2: '/sbin/ip',
  nftables: '/usr/sbin/nft',
  curl: '/usr/bin/curl',
  'bind9-dnsutils': '/usr/bin/dig',
  knot: '/usr/sbin/knotd',
  'knot-dnsutils': '/usr/bin/kdig',
  postgresql: '/usr/lib/postgresql',
  conntrack: '/usr/sbin/conntrack',
  pebble: '/usr/bin/pebble',
  'nghttp2-client': '/usr/bin/h2load',
  'apache2-bin': '/usr/sbin/apache2',
  'python3-minimal': '/usr/bin/python3',
  systemd: '/usr/bin/systemd-analyze',
  'openssh-client': '/usr/bin/ssh',
  'openssh-server': '/usr/sbin/sshd',
};

const isRootOnDebian = process.getuid?.() === 0 && existsSync('/etc/debian_version');
const skipsFail = process.env.CI === 'true' && isRootOnDebian;

ensureInstalled();
ensureConsole();
if (isRootOnDebian) installDebianPackages();
const counts = await runTests(process.argv.slice(2));
process.exitCode = report(counts);

function installDebianPackages() {
  const missing = Object.keys(DEBIAN_PACKAGES).filter((name) => !existsSync(DEBIAN_PACKAGES[name]));
  if (missing.length === 0) return;
  say(`Installing Debian packages: ${missing.join(', ')} ...`);
  const install = () => apt('install', '-y', '--no-install-recommends', ...missing);
  if (install() === 0) return;
  apt('update');
  if (install() !== 0) say('Some Debian packages could not be installed; the tests that need them will be skipped.');
}

function apt(...args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return spawnSync('apt-get', ['-qq', ...args], { env, stdio: ['ignore', 'ignore', 'inherit'] }).status;
}

async function runTests(args) {
  const folder = mkdtempSync(join(tmpdir(), 'manis-test-'));
  const countsFile = join(folder, 'counts.json');
  const child = spawn(findNode(), [...defaultFlags, join(root, 'scripts', 'run-tests.mjs'), countsFile, ...args], {
    cwd: root,
    stdio: 'inherit',
    env: nodeEnvironment(),
  });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  const exitCode = await new Promise((resolve) => child.on('exit', (code) => resolve(code ?? 1)));
  const text = existsSync(countsFile) ? readFileSync(countsFile, 'utf8') : '';
  rmSync(folder, { recursive: true, force: true });
  return { exitCode, ...(text === '' ? { passed: 0, failed: 0, skipped: [] } : JSON.parse(text)) };
}

/** Prints the closing lines and gives the exit code. */
function report({ exitCode, passed, failed, skipped }) {
  const nothingRan = passed + failed + skipped.length === 0;
  if (skipped.length > 0) say(`\nSkipped:${skipped.map((test) => `\n  ${test.name}: ${test.reason}`).join('')}`);
  if (skipped.length > 0 && skipsFail) say('\nNothing may be skipped here (CI, root, Debian): the run fails.');
  if (nothingRan) say('\nNo test ran.');
  process.stdout.write(`\n${passed} passed, ${failed} failed, ${skipped.length} skipped\n`);
  if (exitCode !== 0) return exitCode;
  return failed > 0 || nothingRan || (skipped.length > 0 && skipsFail) ? 1 : 0;
}
