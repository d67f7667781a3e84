/**
 * `npm run join`: the commands that the console shows for a new machine, pasted as they are into machines that have nothing of Manis:
 * a home of their own, npm with an empty cache, and its registry. What would be systemd and Docker is imitated around them.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePortBase, Network, remove, temporaryFolder } from '../e2e/network.ts';
import { missingRequirement, mustHaveTools } from '../interop/requirements.ts';
import { Image } from './image.ts';

/** With a registry that answers, and processors that others use too. */
const ARRIVES_WITHIN_MS = 120_000;
/** A user and a group without rights, on every Linux. */
const NOBODY = 65_534;
const missing = missingRequirement(['root', 'unshare', 'setpriv', 'npm']);
const skip = missing !== undefined && !mustHaveTools() && missing;

interface Connector {
  readonly id: string;
  readonly name: string;
}

describe('a machine with nothing of Manis becomes a connector', { timeout: 600_000, skip }, () => {
  const folder = temporaryFolder();
  const npmCache = join(folder, 'npm-cache');
  mkdirSync(npmCache);
  // Whoever pastes is somebody else than who runs the network.
  chmodSync(folder, 0o755);
  const running = new Set<ChildProcess>();
  let network: Network;
  let siteId: string;

  before(async () => {
    network = await Network.start(['--data-dir', join(folder, '.manis'), '--port-base', String(await freePortBase())]);
    const { body } = await network.api('GET', '/sites');
    siteId = (body as { items: { id: string }[] }).items[0]?.id ?? '';
  });
  after(async () => {
    for (const child of running) await end(child);
    await network?.stop();
    remove(folder);
  });

  const command = async (way: 'npx' | 'docker' | 'systemd'): Promise<string> => {
    const { body } = await network.api('POST', `/sites/${siteId}/enrolment-tokens`, {});
    return (body as { commands: Record<string, string> }).commands[way] ?? '';
  };
  const connected = async (): Promise<Connector[]> => {
    const { body } = await network.api('GET', '/status');
    const { connectors } = body as { connectors: (Connector & { tunnels: { state: string }[] })[] };
    return connectors.filter(({ tunnels }) => tunnels.some(({ state }) => state === 'up'));
  };
  /** A shell's environment on a machine that npm was just installed on; its registry is this machine's. */
  const environment = (home: string) => ({
    ...{
      HOME: home,
      PATH: process.env['PATH'] ?? '',
      npm_config_cache: npmCache,
      npm_config_globalconfig: join(folder, 'no-npmrc'),
    },
    ...(process.env['NODE_EXTRA_CA_CERTS'] && { NODE_EXTRA_CA_CERTS: process.env['NODE_EXTRA_CA_CERTS'] }),
  });
  const start = (program: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Started => {
    const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    running.add(child);
    const said: string[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => said.push(String(chunk)));
    return { child, said };
  };
  /** The connector that is new since `before`, when one of its tunnels is up. */
  const arrival = async ({ child, said }: Started, isIt: (one: Connector) => boolean): Promise<Connector> => {
    for (const beganMs = performance.now(); ; await sleep(250)) {
      const found = (await connected()).find(isIt);
      if (found) return found;
      assert.equal(child.exitCode, null, said.join(''));
      assert.ok(performance.now() - beganMs < ARRIVES_WITHIN_MS, said.join(''));
    }
  };
  const end = async (child: ChildProcess): Promise<void> => {
    running.delete(child);
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    process.kill(-(child.pid ?? 0), 'SIGTERM');
    await gone;
  };
  const known = async (): Promise<Set<string>> => {
    const { body } = await network.api('GET', '/connectors');
    return new Set((body as { items: Connector[] }).items.map(({ id }) => id));
  };
  const folderOf = (name: string): string => {
    mkdirSync(join(folder, name), { recursive: true });
    return join(folder, name);
  };

  test('by npx, and is the same one when the same line is pasted once more', async () => {
    const home = folderOf('npx');
    for (const place of [home, npmCache]) chownSync(place, NOBODY, NOBODY);
    const before = await known();
    const paste = await command('npx');
    const asNobody = ['--reuid', String(NOBODY), '--regid', String(NOBODY), '--clear-groups', 'sh', '-c', paste];
    const first = start('setpriv', asNobody, home, environment(home));
    const arrived = await arrival(first, ({ id }) => !before.has(id));
    await end(first.child);
    const second = start('setpriv', asNobody, home, environment(home));
    await arrival(second, (one) => one.id === arrived.id);
    await end(second.child);
    assert.equal((await known()).size, before.size + 1);
  });

  test('by systemd: with a token that root alone reads, and a unit that starts what it says', async () => {
    const machine = folderOf('systemd');
    const before = await known();
    const paste = await command('systemd');
    const script = machineScript(machine);
    const { status, stdout, stderr } = spawnSync('unshare', ['--mount', 'sh', '-c', script, 'sh', 'sh', '-c', paste], {
      cwd: machine,
      encoding: 'utf8',
      env: { ...environment(machine), PATH: `${join(machine, 'stubs')}:${process.env['PATH']}` },
    });
    assert.equal(status, 0, stdout + stderr);
    const asked = readFileSync(join(machine, 'asked'), 'utf8').trim().split('\n');
    assert.deepEqual(asked, [
      'systemd-sysusers /etc/sysusers.d/manis.conf',
      ...['daemon-reload', 'enable manis-connector', 'restart manis-connector'].map((words) => `systemctl ${words}`),
    ]);
    const token = join(machine, 'etc-manis', 'connector.token');
    assert.deepEqual([statSync(token).mode & 0o777, statSync(token).uid], [0o600, 0]);
    const unit = readFileSync(join(machine, 'units', 'manis-connector.service'), 'utf8');
    assert.doesNotMatch(unit, /mnc_/);
    const service = start(
      'unshare',
      ['--mount', 'sh', '-c', script, 'sh', ...unitCommand(unit, machine)],
      machine,
      environment(machine),
    );
    const arrived = await arrival(service, ({ id }) => !before.has(id));
    await end(service.child);
    // As systemd starts it when the token is gone: from the default of the unit, which is empty.
    writeFileSync(join(machine, 'credentials', 'enrol-token'), '');
    const again = start(
      'unshare',
      ['--mount', 'sh', '-c', script, 'sh', ...unitCommand(unit, machine)],
      machine,
      environment(machine),
    );
    await arrival(again, (one) => one.id === arrived.id);
    await end(again.child);
  });

  test('by Docker, from the image of Node, and starts again without asking anybody', async () => {
    const machine = folderOf('docker');
    const before = await known();
    const paste = await command('docker');
    const stubs = folderOf('docker/stubs');
    writeFileSync(join(stubs, 'docker'), '#!/bin/sh\nprintf "%s\\0" "$@" > words\n', { mode: 0o755 });
    const { status, stderr } = spawnSync('sh', ['-c', paste], {
      cwd: machine,
      encoding: 'utf8',
      env: { ...environment(machine), PATH: `${stubs}:${process.env['PATH']}` },
    });
    assert.equal(status, 0, stderr);
    const { mounts, variables, words } = containerOf(
      readFileSync(join(machine, 'words'), 'utf8').split('\0').slice(0, -1),
      machine,
    );
    const image = new Image(join(machine, 'image'));
    for (const place of ['/etc/ssl', npmCache]) mkdirSync(image.path(place), { recursive: true });
    cpSync('/etc/ssl', image.path('/etc/ssl'), { recursive: true, verbatimSymlinks: true });
    // As an engine gives them to a container in the network of its machine.
    for (const file of ['/etc/hosts', '/etc/resolv.conf']) cpSync(file, image.path(file), { dereference: true });
    const line = image.commandLine(words, {
      environment: { ...variables, npm_config_globalconfig: '/no-npmrc', npm_config_cache: '/tmp/npm' },
      mounts: { ...mounts, '/tmp/npm': folderOf('npm-cache') },
    });
    const [program = '', ...args] = line;
    const first = start(program, args, machine, environment(machine));
    const arrived = await arrival(first, ({ id }) => !before.has(id));
    await end(first.child);
    assert.ok(existsSync(image.path('/opt/manis/bin/manis')));
    const second = start(program, [...args.map((word) => word.replaceAll('npm install', 'false'))], machine, {});
    await arrival(second, (one) => one.id === arrived.id);
    await end(second.child);
  });
});

interface Started {
  readonly child: ChildProcess;
  readonly said: readonly string[];
}

/** Runs words where the places that an installation writes to are folders of the test's. */
function machineScript(machine: string): string {
  const places = {
    opt: '/opt',
    'etc-manis': '/etc/manis',
    sysusers: '/etc/sysusers.d',
    units: '/etc/systemd/system',
    'usr-local': '/usr/local/bin',
    state: '/var/lib/manis',
    stubs: '/usr/local/sbin',
  };
  for (const name of [...Object.keys(places), 'credentials']) mkdirSync(join(machine, name), { recursive: true });
  const stub = `#!/bin/sh\necho "$(basename "$0") $*" >> ${join(machine, 'asked')}\n`;
  for (const name of ['systemctl', 'systemd-sysusers'])
    writeFileSync(join(machine, 'stubs', name), stub, { mode: 0o755 });
  // No user of this name is needed on the machine of the test.
  writeFileSync(
    join(machine, 'stubs', 'install'),
    '#!/bin/sh\nfor word; do shift; case "$word" in manis) word=root;; esac; set -- "$@" "$word"; done\nexec /usr/bin/install "$@"\n',
    { mode: 0o755 },
  );
  const mounts = Object.entries(places).map(
    ([name, place]) => `[ -d ${place} ] || mkdir -p ${place}; mount --bind '${join(machine, name)}' ${place}`,
  );
  // What is there stays to be found: Node and npm, above all.
  const keep = [
    `mkdir -p '${join(machine, 'real')}'; mount --bind /usr/local/bin '${join(machine, 'real')}'`,
    'for each in /usr/local/bin/*; do',
    '  [ -e "$each" ] || continue; [ "$each" != /usr/local/bin/manis ] || continue',
    '  to=$(readlink -f "$each")',
    `  case $to in /usr/local/bin/*) to='${join(machine, 'real')}/'\${to#/usr/local/bin/} ;; esac`,
    `  ln -sf "$to" '${join(machine, 'usr-local')}/'`,
    'done',
  ];
  return ['set -e; mount --make-rprivate /', ...keep, ...mounts, 'exec "$@"'].join('\n');
}

/** What a unit of systemd starts, with the variables and the credential that it says. */
function unitCommand(unit: string, machine: string): string[] {
  const credentials = join(machine, 'credentials');
  const token = /^LoadCredential=enrol-token:\/etc\/manis\/(.+)$/m.exec(unit)?.[1];
  const kept = join(credentials, 'enrol-token');
  if (!existsSync(kept)) cpSync(join(machine, 'etc-manis', token ?? ''), kept);
  const values = { '%S': '/var/lib', '%C': join(machine, 'cache'), '%d': credentials } as const;
  const filled = (text: string): string => text.replace(/%[SCd]/g, (word) => values[word as keyof typeof values]);
  const variables = [...unit.matchAll(/^Environment=(.+)$/gm)].map(([, text = '']) => filled(text));
  const command = /^ExecStart=(.+)$/m.exec(unit)?.[1]?.split(' ') ?? [];
  const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin';
  return ['env', '-i', path, ...variables, ...command];
}

/** What `docker run` was told, as far as the command uses it. */
function containerOf(
  words: readonly string[],
  machine: string,
): {
  mounts: Record<string, string>;
  variables: Record<string, string>;
  words: string[];
} {
  const mounts: Record<string, string> = {};
  const variables: Record<string, string> = {};
  const withValue = new Set(['--name', '--restart', '--network', '--cap-drop', '--cap-add', '--security-opt']);
  let at = 1;
  for (; words[at]?.startsWith('-'); at++) {
    const [flag = '', value = ''] = [words[at], words[at + 1]];
    if (flag === '-d') continue;
    at++;
    if (flag === '-v') {
      const [here = '', inside = '', mode] = value.split(':');
      const isVolume = !here.startsWith('/');
      const place = isVolume ? join(machine, here) : here;
      mkdirSync(isVolume ? place : machine, { recursive: true });
      mounts[inside] = mode === undefined ? place : `${place}:${mode}`;
    } else if (flag === '-e') {
      const [name = '', text = ''] = value.split('=');
      variables[name] = text;
    } else assert.ok(withValue.has(flag), flag);
  }
  assert.equal(words[0], 'run');
  assert.equal(words[at], 'node:26-slim');
  return { mounts, variables, words: words.slice(at + 1) };
}
