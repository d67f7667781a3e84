/**
 * Stands in for a container engine, which tests cannot count on: replays a Dockerfile into folders and runs what an image
 * says to, in a mount namespace with that folder as its root. Imitated are the base image (this machine's programs, with
 * the Node of the package `node`) and what npm would fetch (links to what is installed here); all else is done as written.
 */
import { execFileSync, type SpawnSyncReturns, spawnSync } from 'node:child_process';
import {
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type Instruction, parseDockerfile, type Stage } from './dockerfile.ts';
import { ROOT } from './places.ts';

const INSTALLED = realpathSync(join(ROOT, 'node_modules'));
const SHARED = ['bin', 'sbin', 'lib', 'lib64'];
const BASE_ENVIRONMENT = { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: '/root' };

export interface RunOptions {
  readonly user?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly workdir?: string;
  readonly isReadOnly?: boolean;
  /** Path inside -> path here, read-only where it ends in `:ro`. */
  readonly mounts?: Readonly<Record<string, string>>;
}

/** What an image says of the programs that are started from it. */
export class Image {
  readonly #root: string;
  #environment: Record<string, string> = { ...BASE_ENVIRONMENT };
  #workdir = '/';
  user = '0:0';
  entrypoint: readonly string[] = [];
  command: readonly string[] = [];
  healthcheck: readonly string[] = [];

  /** @param folder empty; holds the root and what belongs to it. */
  constructor(folder: string) {
    this.#root = join(folder, 'root');
    for (const name of ['usr', 'etc', 'proc', 'dev', 'tmp', 'root', 'repo/node_modules', 'npm'])
      mkdirSync(join(this.#root, name), { recursive: true });
    for (const name of SHARED) {
      if (lstatSync(`/${name}`, { throwIfNoEntry: false })?.isSymbolicLink())
        symlinkSync(readlinkSync(`/${name}`), join(this.#root, name));
      else if (existsSync(`/${name}`)) mkdirSync(join(this.#root, name));
    }
    const bin = this.path('/usr/local/bin');
    mkdirSync(bin, { recursive: true });
    symlinkSync('/repo/node_modules/node/bin/node', join(bin, 'node'));
    symlinkSync('/npm/bin/npm-cli.js', join(bin, 'npm'));
    writeFileSync(this.path('/etc/passwd'), 'root:x:0:0::/root:/bin/sh\n');
    this.nameHosts({});
  }

  /** Where a path of the image is here. */
  path(inside: string): string {
    const local = /^\/usr\/local(\/.*)?$/.exec(inside);
    return local ? join(`${this.#root}-local`, local[1] ?? '') : join(this.#root, inside);
  }

  nameHosts(names: Readonly<Record<string, string>>): void {
    const lines = Object.entries({ localhost: '127.0.0.1', ...names }).map(([name, address]) => `${address} ${name}\n`);
    writeFileSync(this.path('/etc/hosts'), lines.join(''));
  }

  /** The command line, for whoever starts it, that runs words within the image. */
  commandLine(words: readonly string[], options: RunOptions = {}): string[] {
    const { user = this.user, isReadOnly = false, mounts = {} } = options;
    const environment = { ...this.#environment, ...options.environment };
    for (const inside of Object.keys(mounts)) this.#makeMountPoint(inside, mounts[inside] ?? '');
    const [uid, gid] = user.split(':');
    const rights = ['--clear-groups', '--no-new-privs', '--bounding-set=-all', '--inh-caps=-all'];
    const script = [
      'set -e; root=$1; shift',
      ...(isReadOnly ? ['mount --bind "$root" "$root"; mount -o remount,bind,ro "$root"'] : []),
      'mount --rbind /usr "$root/usr"',
      ...SHARED.map((name) => `[ -L "$root/${name}" ] || [ ! -d /${name} ] || mount --rbind /${name} "$root/${name}"`),
      'mount --bind "$root-local" "$root/usr/local"',
      `mount --bind '${INSTALLED}' "$root/repo/node_modules"`,
      `mount --bind '${npmFolder()}' "$root/npm"`,
      'mount --rbind /proc "$root/proc"; mount --rbind /dev "$root/dev"',
      ...(isReadOnly ? ['mount -t tmpfs tmpfs "$root/tmp"'] : []),
      ...Object.entries(mounts).map(([inside, here]) => mountOf(inside, here)),
      'exec chroot "$root" "$@"',
    ].join('\n');
    const into = ['sh', '-c', 'cd "$1"; shift; exec "$@"', 'sh', options.workdir ?? this.#workdir];
    const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
    const who = uid === '0' ? [] : ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, ...rights];
    const inside = [...who, 'env', '-i', ...variables, ...into, ...words];
    return ['unshare', '--mount', '--propagation=private', 'sh', '-c', script, 'sh', this.#root, ...inside];
  }

  /** Runs words to their end. */
  run(words: readonly string[], options: RunOptions = {}): SpawnSyncReturns<string> {
    const [program = '', ...args] = this.commandLine(words, options);
    return spawnSync(program, args, { encoding: 'utf8' });
  }

  /** Does what an instruction says. @param stages what was built before, by name. */
  apply(instruction: Instruction, context: string, stages: ReadonlyMap<string, Image>): void {
    const { name, text, words } = instruction;
    const applied: Readonly<Record<string, () => void>> = {
      RUN: () => this.#runToBuild(text),
      COPY: () => this.#copy(instruction, context, stages),
      WORKDIR: () => {
        this.#workdir = resolve(this.#workdir, text);
        mkdirSync(this.path(this.#workdir), { recursive: true });
      },
      ENV: () => {
        for (const [, key = '', value = ''] of text.matchAll(/(\w+)=(\S+)/g)) this.#environment[key] = value;
      },
      USER: () => {
        this.user = text;
      },
      ENTRYPOINT: () => {
        this.entrypoint = words;
      },
      CMD: () => {
        this.command = words;
      },
      HEALTHCHECK: () => {
        this.healthcheck = words;
      },
    };
    applied[name]?.();
  }

  #runToBuild(text: string): void {
    const command = text.replace(/npm ci( --omit=dev)?( --[\w-]+)*/g, (_, production) =>
      production === undefined ? 'ln -s /repo/node_modules node_modules' : productionLinks(),
    );
    const { status, stdout, stderr } = this.run(['/bin/sh', '-c', command]);
    if (status !== 0) throw new Error(`RUN ${text}: ${stdout}${stderr}`);
  }

  #copy({ words, flags }: Instruction, context: string, stages: ReadonlyMap<string, Image>): void {
    const from = flags['from'];
    const stage = from === undefined ? undefined : stages.get(from);
    const target = words.at(-1) ?? '';
    const isFolder = target.endsWith('/') || words.length > 2;
    const to = this.path(resolve(this.#workdir, target));
    for (const word of words.slice(0, -1)) {
      const source = stage ? stage.path(word) : join(context, word);
      const isTree = lstatSync(source).isDirectory();
      const place = isFolder && !isTree ? join(to, word.split('/').at(-1) ?? '') : to;
      mkdirSync(dirname(place), { recursive: true });
      cpSync(source, place, { recursive: true, verbatimSymlinks: true });
    }
  }

  #makeMountPoint(inside: string, here: string): void {
    const point = this.path(inside);
    if (existsSync(point)) return;
    mkdirSync(dirname(point), { recursive: true });
    if (lstatSync(here.replace(/:ro$/, '')).isDirectory()) mkdirSync(point);
    else writeFileSync(point, '');
  }
}

/** Builds the stages one after another and gives the last. */
export function buildImage(dockerfile: string, context: string, folder: string): Image {
  const stages = new Map<string, Image>();
  let image: Image | undefined;
  for (const [index, { name, instructions }] of parseDockerfile(dockerfile).entries() as Iterable<[number, Stage]>) {
    image = new Image(join(folder, `stage-${index}`));
    for (const instruction of instructions) image.apply(instruction, context, stages);
    if (name !== undefined) stages.set(name, image);
  }
  if (!image) throw new Error('there is no FROM');
  return image;
}

/** What git knows of, without what `.dockerignore` names. */
export function copyContext(to: string): void {
  const ignored = readFileSync(join(ROOT, '.dockerignore'), 'utf8').split('\n').filter(Boolean);
  const patterns = ignored.map((line) => new RegExp(`^${line.replaceAll('.', '\\.').replaceAll('*', '[^/]*')}(/|$)`));
  const listed = execFileSync('git', ['-c', 'safe.directory=*', 'ls-files', '-co', '--exclude-standard'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  for (const name of listed.split('\n').filter(Boolean)) {
    if (patterns.some((pattern) => pattern.test(name)) || !existsSync(join(ROOT, name))) continue;
    if (lstatSync(join(ROOT, name)).isFile()) cpSync(join(ROOT, name), join(to, name));
  }
}

/** A volume that takes its owner from the image. */
export function makeVolume(path: string, user: string): string {
  mkdirSync(path, { recursive: true });
  const [uid = 0, gid = 0] = user.split(':').map(Number);
  chownSync(path, uid, gid);
  return path;
}

function mountOf(inside: string, here: string): string {
  const path = here.replace(/:ro$/, '');
  const bind = `mount --bind '${path}' "$root${inside}"`;
  return here.endsWith(':ro') ? `${bind}; mount -o remount,bind,ro "$root${inside}"` : bind;
}

function npmFolder(): string {
  return join(execFileSync('npm', ['root', '--global'], { encoding: 'utf8' }).trim(), 'npm');
}

/** Links to what is installed for more than developers, as a script. */
function productionLinks(): string {
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean; devOptional?: boolean }>;
  };
  const names = Object.entries(lock.packages)
    .filter(([path, { dev, devOptional }]) => /^node_modules\/(@[^/]+\/)?[^/]+$/.test(path) && !dev && !devOptional)
    .map(([path]) => path.slice('node_modules/'.length));
  const scopes = new Set(names.flatMap((name) => (name.includes('/') ? name.split('/')[0] : [])));
  const folders = ['node_modules', ...[...scopes].map((scope) => `node_modules/${scope}`)];
  const links = names.map((name) => `ln -s /repo/node_modules/${name} node_modules/${name}`);
  return [`mkdir -p ${folders.join(' ')}`, ...links].join('; ');
}
