/** What containers, systemd and Kubernetes are told, by the schemas and tools of those where there are any. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse, parseAllDocuments } from 'yaml';
import { connectorSettings, controlSettings, popSettings } from '../../src/cli/config/programs.ts';
import { readSettings, variableName } from '../../src/cli/config/read-settings.ts';
import { VERSION } from '../../src/cli/version.ts';
import { requireTools } from '../interop/requirements.ts';
import { parseDockerfile } from './dockerfile.ts';
import { PACKAGING, ROOT, readArtefact } from './places.ts';

const PROGRAMS = { control: controlSettings, pop: popSettings, connector: connectorSettings } as const;
type Program = keyof typeof PROGRAMS;
const programs = Object.keys(PROGRAMS) as Program[];

describe('the units of systemd', () => {
  /** What `systemd-analyze security` may find at most: 10 is a program that may do anything. */
  const EXPOSURE = 2.0;
  const folder = mkdtempSync(join(tmpdir(), 'manis-units-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const program of programs) {
    const unit = `manis-${program}.service`;

    test(`${unit} is understood`, (t) => {
      if (!requireTools(t, ['systemd-analyze'])) return;
      // A command of the name in a place that the unit finds it in: only the paths differ.
      const command = join(folder, 'manis');
      writeFileSync(command, '#!/bin/sh\n', { mode: 0o755 });
      const copy = join(folder, unit);
      writeFileSync(copy, readArtefact('systemd', unit).replace('ExecStart=manis', `ExecStart=${command}`));
      const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', copy], { encoding: 'utf8' });
      const ours = stderr.split('\n').filter((line) => line.includes(unit));
      assert.deepEqual([status, ours], [0, []], stderr);
    });

    test(`${unit} is exposed little`, (t) => {
      if (!requireTools(t, ['systemd-analyze'])) return;
      const path = join(PACKAGING, 'systemd', unit);
      const limits = ['--offline=true', `--threshold=${EXPOSURE * 10}`];
      const { status, stdout } = spawnSync('systemd-analyze', ['security', ...limits, path], { encoding: 'utf8' });
      assert.equal(status, 0, stdout);
    });

    test(`${unit} leaves the program the time to stop in order, and Node what it needs`, () => {
      const directives = directivesOf(readArtefact('systemd', unit));
      const drainSeconds = program === 'pop' ? 45 + 30 : 30;
      assert.ok(Number(directives.get('TimeoutStopSec')) > drainSeconds);
      assert.equal(directives.get('KillMode'), 'mixed');
      assert.equal(directives.has('MemoryDenyWriteExecute'), false, 'Node compiles while it runs');
      assert.match(directives.get('RestrictAddressFamilies') ?? '', /AF_INET AF_INET6/);
      assert.equal(directives.get('ExecStart'), `manis ${program} --config /etc/manis/${program}.yaml`);
    });

    test(`${unit} keeps what it writes to itself, and no secret in what everybody may read`, () => {
      const text = readArtefact('systemd', unit);
      const directives = directivesOf(text);
      assert.deepEqual([directives.get('UMask'), directives.get('StateDirectoryMode')], ['0077', '0700']);
      assert.doesNotMatch(
        text,
        /^(?:Environment|ExecStart)=.*(?:(?:TOKEN|PASSWORD|SECRET)(?!_FILE)|--[a-z-]*(?:token|password|secret)(?!-file))/m,
      );
      // Of the settings' file, too, more than its group may read nothing: a token is in a file of its own.
      const values = Object.keys((parse(readArtefact('systemd', `${program}.yaml`)) ?? {}) as object);
      assert.deepEqual(
        values.filter((name) => /(?:token|password|secret)$/i.test(name)),
        [],
      );
    });

    test(`the settings that come along for ${program} are settings of it`, () => {
      const values = (parse(readArtefact('systemd', `${program}.yaml`)) ?? {}) as Record<string, unknown>;
      const variables = new Map([['MANIS_DATA_DIR', `/var/lib/manis/${program}`]]);
      readSettings(PROGRAMS[program], { flags: {}, variables, file: { path: program, values } });
    });
  }
});

describe('the Dockerfile', () => {
  const source = readArtefact('docker', 'Dockerfile');
  const stages = parseDockerfile(source);
  const last = stages.at(-1);
  const of = (name: string) => (last?.instructions ?? []).filter((one) => one.name === name);

  test('has stages, and the last one takes what the first one built', () => {
    assert.ok(stages.length > 1);
    assert.ok(of('COPY').some(({ flags }) => flags['from'] === stages[0]?.name));
    assert.ok(of('RUN').every(({ text }) => !/\b(apt|apk|npm|curl|wget)\b/.test(text)));
  });

  test('ends as a user without rights, whose number says so to Kubernetes', () =>
    assert.match(of('USER').at(-1)?.text ?? '', /^[1-9]\d+:[1-9]\d+$/));

  test('has folders that are its own alone, and no secret', () => {
    assert.ok(of('RUN').some(({ text }) => /install -d -m 0700 -o 65532 -g 65532 \/data \/tokens/.test(text)));
    assert.doesNotMatch(source, /^(?:ENV|ARG) .*(?:TOKEN|PASSWORD|SECRET|KEY)/m);
    assert.match(readArtefact('docker', 'first-start'), /^umask 077$/m);
  });

  test('starts by words, so that signals reach the program, and asks how it is', () => {
    for (const name of ['ENTRYPOINT', 'CMD', 'HEALTHCHECK'])
      assert.deepEqual(
        of(name).map(({ isJson }) => isJson),
        [true],
        name,
      );
  });

  test('is for no processor alone', () => {
    assert.doesNotMatch(source, /--platform=|x86|amd64(?!,linux)|x64|aarch/);
    for (const { base } of stages) assert.match(base, /^docker\.io\/library\/node:26-/);
  });

  test('everything native comes built for arm64 and x64, since the image builds nothing', () => {
    const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, object>;
    };
    const natives = ['@node-rs/argon2-linux-PROCESSOR-gnu'];
    for (const processor of ['arm64', 'x64']) {
      for (const name of natives)
        assert.ok(`node_modules/${name.replace('PROCESSOR', processor)}` in lock.packages, name);
      assert.ok(existsSync(join(ROOT, 'node_modules', 'sodium-native', 'prebuilds', `linux-${processor}`)), processor);
    }
  });

  test('copies what there is, and no secrets or histories', () => {
    for (const { words, flags } of stages.flatMap(({ instructions }) =>
      instructions.filter(({ name }) => name === 'COPY'),
    ))
      for (const word of words.slice(0, -1))
        assert.ok(flags['from'] !== undefined || existsSync(join(ROOT, word)), word);
    const ignored = readFileSync(join(ROOT, '.dockerignore'), 'utf8').split('\n');
    for (const name of ['.git', '.manis*', 'node_modules', 'dist']) assert.ok(ignored.includes(name), name);
  });

  test('the scripts of the image can be run', () => {
    for (const name of ['manis', 'first-start', 'health']) {
      assert.match(readArtefact('docker', name), /^#!/);
      assert.ok(statSync(join(PACKAGING, 'docker', name)).mode & 0o111, name);
    }
  });
});

describe('the compose file', () => {
  const compose = parse(readArtefact('docker', 'compose.yaml'), { merge: true }) as Compose;

  test('is one by the schema of the specification', () => {
    const schema = JSON.parse(readFileSync(join(import.meta.dirname, 'schemas', 'compose-spec.json'), 'utf8'));
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    const isValid = ajv.validate(schema, compose);
    assert.ok(isValid, JSON.stringify(ajv.errors));
  });

  test('runs this version, with read-only file systems and no rights', () => {
    for (const [name, service] of Object.entries(compose.services)) {
      assert.equal(service.image, `manis:${VERSION}`, name);
      assert.deepEqual([service.read_only, service.cap_drop], [true, ['ALL']], name);
      assert.ok(service.security_opt?.includes('no-new-privileges:true'), name);
    }
  });

  for (const program of programs)
    test(`what it sets for ${program} are settings of it`, () => {
      const { command, environment = {} } = compose.services[program] as Service;
      assert.deepEqual(command, [program]);
      assertSettings(program, environment);
    });

  test('has no secret in what it calls programs with, nor in their environment', () => {
    for (const [name, { command = [], environment = {} }] of Object.entries(compose.services)) {
      assert.deepEqual(secretsAmong(command, environment), [], name);
    }
  });

  test('is open to this machine alone', () => {
    for (const port of Object.values(compose.services).flatMap(({ ports = [] }) => ports))
      assert.match(port, /^127\.0\.0\.1:/);
  });
});

describe('the chart for Helm', () => {
  const chart = parse(readArtefact('helm', 'manis', 'Chart.yaml')) as { version: string; appVersion: string };
  const rendered = ['daemon-set', 'stateful-set'] as const;

  test('is of this version', () => assert.deepEqual([chart.version, chart.appVersion], [VERSION, VERSION]));

  for (const kind of rendered) {
    const text = readArtefact('kubernetes', `${kind}.yaml`);
    const objects = parseAllDocuments(text).map((document) => document.toJS() as KubernetesObject);

    test(`${kind}.yaml was rendered from the chart as it is (npm run chart)`, () =>
      assert.equal(/chart ([0-9a-f]{64})/.exec(text)?.[1], chartDigest()));

    test(`${kind}.yaml holds each part once, and what is selected is there`, () => {
      const pods = objects.flatMap(({ spec }) => spec.template ?? []);
      for (const { kind: what, metadata, spec } of objects) {
        assert.ok(['Service', 'StatefulSet', 'DaemonSet'].includes(what), what);
        const selector = (what === 'Service' ? spec.selector : spec.selector?.['matchLabels']) as Labels;
        const selected = pods.filter(({ metadata: { labels } }) =>
          Object.entries(selector).every(([key, value]) => labels[key] === value),
        );
        assert.equal(selected.length, 1, `${what} ${metadata.name}`);
      }
      assert.deepEqual(pods.map(({ metadata: { labels } }) => labels['app.kubernetes.io/component']).sort(), [
        'connector',
        'control',
        'pop',
      ]);
    });

    test(`${kind}.yaml has no secret in it, and writes tokens for its own user alone`, () => {
      for (const { spec } of objects.flatMap(({ spec: { template } }) => template ?? []))
        for (const { name, args = [], command = [], env = [] } of [
          ...spec.containers,
          ...(spec.initContainers ?? []),
        ]) {
          const told = Object.fromEntries(
            env.flatMap((one) => (one.value === undefined ? [] : [[one.name, one.value]])),
          );
          assert.deepEqual(secretsAmong([...args, ...command], told), [], name);
          const script = command.join('\n');
          if (script.includes('/data/token')) assert.match(script, /^umask 077$/m, name);
        }
    });

    test(`${kind}.yaml gives programs settings of theirs, and no rights`, () => {
      for (const { spec } of objects.flatMap(({ spec: { template } }) => template ?? [])) {
        assert.equal(spec.securityContext.runAsNonRoot, true);
        for (const container of spec.containers) {
          assert.deepEqual(container.args, [container.name]);
          assert.deepEqual(container.securityContext.capabilities, { drop: ['ALL'] });
          assert.equal(container.securityContext.readOnlyRootFilesystem, true);
          const variables = container.env.filter(({ name }) => name.startsWith('MANIS_'));
          const values = variables.map(({ name, value = SECRETS[name] ?? 'x' }) => [
            name,
            value.replace('$(HOST_IP)', '192.0.2.1'),
          ]);
          assertSettings(container.name as Program, Object.fromEntries(values));
        }
        const volumes = [...spec.volumes, { name: 'data' }].map(({ name }) => name);
        for (const { volumeMounts } of [...spec.containers, ...(spec.initContainers ?? [])])
          for (const { name } of volumeMounts) assert.ok(volumes.includes(name), name);
      }
    });
  }
});

interface Service {
  readonly image: string;
  readonly command?: readonly string[];
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
}

/** What secrets of Kubernetes hold. */
const SECRETS: Readonly<Record<string, string>> = { MANIS_STORE: 'postgres://manis@db/manis' };

type Labels = Readonly<Record<string, string>>;

interface Container {
  readonly name: string;
  readonly args: readonly string[];
  readonly command?: readonly string[];
  readonly env: readonly { readonly name: string; readonly value?: string }[];
  readonly securityContext: { readonly capabilities: object; readonly readOnlyRootFilesystem: boolean };
  readonly volumeMounts: readonly { readonly name: string }[];
}

interface KubernetesObject {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly selector?: Readonly<Record<string, unknown>>;
    readonly template?: {
      readonly metadata: { readonly labels: Labels };
      readonly spec: {
        readonly securityContext: { readonly runAsNonRoot: boolean };
        readonly containers: readonly Container[];
        readonly initContainers?: readonly Container[];
        readonly volumes: readonly { readonly name: string }[];
      };
    };
  };
}

/** What is a secret of these: whoever lists processes, or reads the file, would have it. */
function secretsAmong(words: readonly string[], environment: Readonly<Record<string, string>>): string[] {
  const flags = words.filter((word) => /^--[a-z-]*(?:token|password|secret)(?:=|$)|^mn[a-z]_/.test(word));
  return [...flags, ...Object.keys(environment).filter((name) => /(?:TOKEN|PASSWORD|SECRET)$/.test(name))];
}

/** Each is a setting of the program, each has a value that it takes, and none is missing that it needs. */
function assertSettings(program: Program, environment: Readonly<Record<string, string>>): void {
  const settings = PROGRAMS[program];
  const known = new Set(Object.keys(settings.shape).map(variableName));
  const strangers = Object.keys(environment).filter((name) => !known.has(name));
  assert.deepEqual(strangers, [], program);
  readSettings(settings, { flags: {}, variables: new Map(Object.entries(environment)), file: undefined });
}

function directivesOf(unit: string): Map<string, string> {
  const lines = unit.split('\n').filter((line) => /^[A-Z]\w+=/.test(line));
  return new Map(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}

/** The same as `scripts/chart.mjs` writes into what it renders. */
function chartDigest(): string {
  const chart = join(PACKAGING, 'helm', 'manis');
  const hash = createHash('sha256');
  for (const name of readdirSync(chart, { recursive: true, encoding: 'utf8' }).sort()) {
    if (!statSync(join(chart, name)).isFile()) continue;
    hash.update(`${name}\n`).update(readFileSync(join(chart, name)));
  }
  return hash.digest('hex');
}
