/** Debian's pebble, an ACME directory for tests, with pebble-challtestsrv as the resolver that it asks. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { issueLeaf, openLocalCa } from '../../src/io/certificates.ts';
import { createRandom } from '../../src/io/random.ts';
import { freePorts } from '../../src/testing/free-ports.ts';

/** What a test asks for with `requireTools`. */
export const PEBBLE_REQUIREMENTS = ['pebble', 'pebble-challtestsrv'] as const;

export interface PebbleOptions {
  /** Where names are proved over HTTP and TLS; given ones are of PoPs that listen already. */
  readonly httpPort?: number;
  readonly tlsPort?: number;
  /** `127.0.0.1:5353`, in place of challtestsrv. */
  readonly dnsServer?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Keys of external accounts, base64url. */
  readonly externalAccounts?: Readonly<Record<string, string>>;
  readonly validitySeconds?: number;
}

interface Ports {
  readonly listen: number;
  readonly management: number;
  readonly dns: number;
  readonly dnsManagement: number;
}

export class Pebble {
  readonly folder = mkdtempSync(join(tmpdir(), 'manis-pebble-'));
  readonly httpPort: number;
  readonly tlsPort: number;
  /** PEM of whoever vouches for the directory itself. */
  caPem = '';
  log = '';
  readonly #options: PebbleOptions;
  readonly #ports: Ports;
  readonly #children: ChildProcess[] = [];
  #agent: Agent | undefined;

  private constructor(options: PebbleOptions, ports: Ports, httpPort: number, tlsPort: number) {
    this.#options = options;
    this.#ports = ports;
    this.httpPort = httpPort;
    this.tlsPort = tlsPort;
  }

  static async start(options: PebbleOptions = {}): Promise<Pebble> {
    const [listen, management, dns, dnsManagement, http, tls] = await freePorts(6);
    const ports = { listen, management, dns, dnsManagement } as Ports;
    const pebble = new Pebble(options, ports, options.httpPort ?? (http as number), options.tlsPort ?? (tls as number));
    await pebble.#prepare();
    await pebble.#startResolver();
    await pebble.restart();
    return pebble;
  }

  get directoryUrl(): string {
    return `https://127.0.0.1:${this.#ports.listen}/dir`;
  }

  /** Starts the directory anew: it keeps nothing of what it knew. */
  async restart(environment: Readonly<Record<string, string>> = {}): Promise<void> {
    const { dnsServer = `127.0.0.1:${this.#ports.dns}` } = this.#options;
    this.#run('pebble', ['-config', join(this.folder, 'config.json'), '-dnsserver', dnsServer], {
      ...{ PEBBLE_VA_NOSLEEP: '1', PEBBLE_WFE_NONCEREJECT: '0', PEBBLE_AUTHZREUSE: '0' },
      ...this.#options.environment,
      ...environment,
    });
    await this.#until(() => this.manage('/roots/0').then(Boolean));
  }

  /** Ends the directory; the resolver stays. */
  async down(): Promise<void> {
    await stopped(this.#children.pop());
  }

  /** What the management interface says. */
  async manage(path: string): Promise<string> {
    const url = `https://127.0.0.1:${this.#ports.management}${path}`;
    const answer = await request(url, { ...(this.#agent && { dispatcher: this.#agent }) });
    return answer.body.text();
  }

  /** PEM of the authority that its certificates chain to. */
  rootPem(): Promise<string> {
    return this.manage('/roots/0');
  }

  /** Tells the resolver where a name leads. */
  async setAddress(host: string, addresses: readonly string[]): Promise<void> {
    await this.#tellResolver('/add-a', { host: `${host}.`, addresses });
    await this.#tellResolver('/clear-aaaa', { host: `${host}.` });
  }

  async setTxt(host: string, value: string): Promise<void> {
    await this.#tellResolver('/set-txt', { host: `${host}.`, value });
  }

  async clearTxt(host: string): Promise<void> {
    await this.#tellResolver('/clear-txt', { host: `${host}.` });
  }

  async stop(): Promise<void> {
    for (const child of this.#children.splice(0)) await stopped(child);
    await this.#agent?.destroy();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #prepare(): Promise<void> {
    const random = createRandom();
    const ca = await openLocalCa(this.folder, Date.now(), random);
    const leaf = issueLeaf(ca, { dns: ['localhost'], ip: ['127.0.0.1'] }, Date.now(), random);
    this.caPem = ca.certificatePem;
    this.#agent = new Agent({ connect: { ca: this.caPem } });
    writeFileSync(join(this.folder, 'cert.pem'), leaf.chainPem);
    writeFileSync(join(this.folder, 'key.pem'), leaf.keyPem);
    const { externalAccounts, validitySeconds } = this.#options;
    const pebble = {
      listenAddress: `127.0.0.1:${this.#ports.listen}`,
      managementListenAddress: `127.0.0.1:${this.#ports.management}`,
      certificate: join(this.folder, 'cert.pem'),
      privateKey: join(this.folder, 'key.pem'),
      httpPort: this.httpPort,
      tlsPort: this.tlsPort,
      ocspResponderURL: '',
      externalAccountBindingRequired: externalAccounts !== undefined,
      ...(externalAccounts && { externalAccountMACKeys: externalAccounts }),
      ...(validitySeconds && { certificateValidityPeriod: validitySeconds }),
    };
    writeFileSync(join(this.folder, 'config.json'), JSON.stringify({ pebble }));
  }

  async #startResolver(): Promise<void> {
    const { dns, dnsManagement } = this.#ports;
    this.#run('pebble-challtestsrv', [
      ...['-dns01', `127.0.0.1:${dns}`, '-management', `127.0.0.1:${dnsManagement}`],
      ...['-http01', '', '-https01', '', '-tlsalpn01', '', '-defaultIPv6', ''],
    ]);
    await this.#until(() => this.#tellResolver('/clear-txt', { host: 'nobody.example.' }).then(() => true));
  }

  async #tellResolver(path: string, body: unknown): Promise<void> {
    const url = `http://127.0.0.1:${this.#ports.dnsManagement}${path}`;
    const answer = await request(url, { method: 'POST', body: JSON.stringify(body) });
    await answer.body.dump();
  }

  #run(command: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}): void {
    const env = { ...process.env, ...environment };
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const note = (chunk: Buffer): void => {
      this.log = (this.log + chunk.toString()).slice(-20_000);
    };
    child.stdout.on('data', note);
    child.stderr.on('data', note);
    this.#children.push(child);
  }

  async #until(holds: () => Promise<boolean>): Promise<void> {
    for (let tries = 0; tries < 400; tries++) {
      if (await holds().catch(() => false)) return;
      if (this.#children.at(-1)?.exitCode !== null) break;
      await sleep(50);
    }
    throw new Error(`it did not start: ${this.log}`);
  }
}

async function stopped(child: ChildProcess | undefined): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}
