/** A PostgreSQL of the test's own: a fresh cluster in a folder, from Debian's binaries, that can be killed and started again. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { freePort } from '../../src/testing/free-ports.ts';

const DEBIAN_FOLDER = '/usr/lib/postgresql';

/** What a test asks for with `requireTools`. */
export const POSTGRES_REQUIREMENTS = [DEBIAN_FOLDER] as const;

const STILL_IN_USE = 'pre-existing shared memory block';
const START_TIMEOUT_MS = 60_000;
const USER = 'manis';

export class PostgresServer {
  readonly folder: string;
  readonly port: number;
  readonly #binaries: string;
  #postmaster: ChildProcess | undefined;
  #databases = 0;

  private constructor(folder: string, port: number, binaries: string) {
    this.folder = folder;
    this.port = port;
    this.#binaries = binaries;
  }

  /**
   * Makes a cluster and starts it. Commits are written before they are confirmed, as in production; that they are also
   * flushed to the disk would be seen by no test, because the machine outlives every server.
   */
  static async start(): Promise<PostgresServer> {
    const newest = readdirSync(DEBIAN_FOLDER).toSorted((a, b) => Number(b) - Number(a))[0] ?? '';
    const folder = mkdtempSync(join(tmpdir(), 'manis-postgres-'));
    const server = new PostgresServer(folder, await freePort(), join(DEBIAN_FOLDER, newest, 'bin'));
    const owner = ownerOfServer();
    if (owner) chownSync(folder, owner.uid, owner.gid);
    const flags = ['-D', server.#data, '-U', USER, '--auth=trust', '--no-locale', '-E', 'UTF8', '--no-sync'];
    execFileSync(join(server.#binaries, 'initdb'), flags, { ...owner, cwd: '/', stdio: ['ignore', 'ignore', 'pipe'] });
    await server.restart();
    return server;
  }

  get #data(): string {
    return join(this.folder, 'data');
  }

  /** A URL over the Unix socket. */
  url(database: string): string {
    return `postgres:///${database}?host=${this.folder}&port=${this.port}&user=${USER}`;
  }

  /** The same over TCP, as anybody with a password might come. */
  tcpUrl(database: string, user = USER): string {
    return `postgres://${user}@127.0.0.1:${this.port}/${database}`;
  }

  /** Makes an empty database, or a copy of another one to which nobody is connected, and gives its name. */
  async createDatabase(like = 'template1'): Promise<string> {
    const name = `manis_${++this.#databases}`;
    await this.query(`create database ${name} template ${like}`);
    return name;
  }

  /** Runs a statement as superuser. */
  async query<Row>(statement: string, database = 'postgres'): Promise<Row[]> {
    const client = new Client({ host: this.folder, port: this.port, user: USER, database });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query(statement)).rows as Row[];
    } finally {
      await client.end();
    }
  }

  /** Puts a file into its folder, as a server wants its key: for its owner alone. */
  addFile(name: string, contents: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, contents, { mode: 0o600 });
    const owner = ownerOfServer();
    if (owner) chownSync(path, owner.uid, owner.gid);
    return path;
  }

  /** Starts it again on the same data. */
  async restart(settings: readonly string[] = []): Promise<void> {
    const all = [
      `unix_socket_directories=${this.folder}`,
      'listen_addresses=127.0.0.1',
      'fsync=off',
      'max_connections=300',
      ...settings,
    ];
    const flags = ['-D', this.#data, '-p', String(this.port), ...all.flatMap((setting) => ['-c', setting])];
    const postmaster = spawn(join(this.#binaries, 'postgres'), flags, {
      ...ownerOfServer(),
      cwd: '/',
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#postmaster = postmaster;
    let said = '';
    postmaster.stderr.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-4_000);
    });
    for (let waitedMs = 0; ; waitedMs += 20) {
      if (await this.query('select 1').then(Boolean, () => false)) return;
      // Of a server that was killed, processes may be going still; it starts when they are gone.
      if (postmaster.exitCode !== null && said.includes(STILL_IN_USE) && waitedMs <= START_TIMEOUT_MS) {
        await sleep(20);
        return this.restart(settings);
      }
      if (postmaster.exitCode !== null || waitedMs > START_TIMEOUT_MS)
        throw new Error(`PostgreSQL did not start: ${said}`);
      await sleep(20);
    }
  }

  /** Stops it in order, cutting those who are connected. */
  async stop(): Promise<void> {
    await this.#end((postmaster) => postmaster.kill('SIGINT'));
  }

  /** Ends all of its processes at once, as a crash of the machine would but for the page cache. */
  async kill(): Promise<void> {
    await this.#end((postmaster) => {
      const { pid } = postmaster;
      if (pid === undefined) return;
      const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
      postmaster.kill('SIGKILL');
      for (const child of children) killIfThere(Number(child));
    });
  }

  /** Ends it and removes everything. */
  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #end(how: (postmaster: ChildProcess) => void): Promise<void> {
    const postmaster = this.#postmaster;
    this.#postmaster = undefined;
    if (!postmaster || postmaster.exitCode !== null || postmaster.signalCode !== null) return;
    const ended = new Promise((resolve) => postmaster.once('exit', resolve));
    how(postmaster);
    await ended;
  }
}

/** It refuses to run as root. */
function ownerOfServer(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((one) => one.startsWith('postgres:'));
  const [, , uid, gid] = line?.split(':') ?? [];
  if (uid === undefined || !existsSync(DEBIAN_FOLDER)) throw new Error('the user postgres is missing');
  return { uid: Number(uid), gid: Number(gid) };
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
}
