/** A control node with a point of presence, a connector and one of whatever commands speak of; and the command line at it. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure, toBase64, utf8 } from '../../src/base/index.ts';
import type { Environment } from '../../src/cli/environment.ts';
import { runCommandLine } from '../../src/cli/run-command.ts';
import { Profiles } from '../../src/cli/sign-in/profiles.ts';
import type { SentRequest } from '../../src/core/link/index.ts';
import { createClock } from '../../src/io/clock.ts';
import { insertIdentity, insertKnownDevice, openSqliteStore } from '../../src/io/store/index.ts';
import { issue } from '../../src/testing/client-pki.ts';
import { ControlWorld, type PopWorld } from '../../src/testing/control-world.ts';
import { eventually } from '../../src/testing/eventually.ts';
import { MailWorld } from '../../src/testing/mail-world.ts';
import { StandInDirectory } from '../../src/testing/stand-in-directory.ts';
import { StandInProvider } from '../../src/testing/stand-in-provider.ts';

const HOST = 'wiki.manis.localhost';
const PASSWORD = 'seven quiet otters at noon';

/** What a command line came to. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

interface How {
  /** Ends it as if nobody read any more, once it has said something. */
  readonly isEndless?: boolean;
}

export class CommandWorld {
  readonly #control = new ControlWorld();
  readonly #folder = mkdtempSync(join(tmpdir(), 'manis-commands-'));
  readonly #home = process.env['HOME'];
  #pop: PopWorld | undefined;
  #mail: MailWorld | undefined;
  #provider: StandInProvider | undefined;
  /** What cases speak of by `{name}`. */
  readonly things: Record<string, unknown> = {};

  async start(): Promise<void> {
    const acme = { open: () => directory };
    const directory = new StandInDirectory(createClock());
    await this.#control.start({ acme });
    await this.#fillAccounts();
    await this.#control.start({ acme });
    this.#pop = await this.#control.addPop('ams');
    await this.#control.addPop('fra');
    this.#mail = await MailWorld.start();
    this.#provider = await StandInProvider.start('generic');
    // Profiles are kept there.
    process.env['HOME'] = join(this.#folder, 'home');
    await this.#writeFiles();
    await this.#fill();
  }

  async end(): Promise<void> {
    process.env['HOME'] = this.#home;
    await this.#control.end();
    await this.#mail?.stop();
    await this.#provider?.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Runs `manis` with these words in this process. */
  async run(words: readonly string[], { isEndless = false }: How = {}): Promise<Ran> {
    const variables = new Map([['MANIS_DATA_DIR', join(this.#folder, 'local')]]);
    const environment: Environment = { variables, noColor: true, ofOthers: {} };
    const [out, err]: [string[], string[]] = [[], []];
    const restore = [captured(process.stdout, out, isEndless), captured(process.stderr, err, false)];
    try {
      const code = await runCommandLine(words, environment);
      return { code, out: out.join(''), err: err.join('') };
    } finally {
      for (const put of restore) put();
    }
  }

  async #writeFiles(): Promise<void> {
    const write = (name: string, text: string): void => {
      const path = join(this.#folder, name);
      writeFileSync(path, text);
      this.things[name.replace(/\..*$/, '')] = path;
    };
    const now = Date.now();
    const authority = await issue(now, { name: 'authority', isAuthority: true });
    const pair = await issue(now, { name: 'pair', dns: ['own.example.com'] });
    const again = await issue(now, { name: 'pair', dns: ['own.example.com'] });
    write('authority.pem', authority.certificatePem);
    write('chain.pem', pair.certificatePem);
    write('key.pem', pair.keyPem);
    write('chain-again.pem', again.certificatePem);
    write('key-again.pem', again.keyPem);
    write('mail-authority.pem', this.#mail?.caPem ?? '');
    write('secret.txt', 'do-not-tell-0123456789\n');
    write('password.txt', `${PASSWORD}\n`);
    write('pin.txt', '835217\n');
    write('policy.yaml', POLICY);
    write('empty-policy.yaml', 'rules: []\n');
    write('bad.yaml', 'rules: 7\n');
    write('http.yaml', 'routes:\n  - name: robots\n    answer: { status: 200 }\n');
    write('pages.yaml', '- statuses: [503]\n  html: "<p>{title}</p>"\n');
    write('infra.yaml', BLUEPRINT);
    write(
      'pangolin.yaml',
      'public-resources:\n  blog:\n    name: Blog\n    protocol: http\n    full-domain: blog.example.com\n',
    );
    write('nginx.conf', NGINX);
    write(
      'cloudflared.yaml',
      'ingress:\n  - hostname: a.example.com\n    service: http://localhost:80\n  - service: http_status:404\n',
    );
    this.things['folder'] = this.#folder;
    this.things['none'] = join(this.#folder, 'none');
    mkdirSync(join(this.#folder, 'local', 'connector'), { recursive: true });
    symlinkSync(this.#control.dataDir, join(this.#folder, 'local', 'control'));
    const portBase = Number(new URL(this.#control.control.url).port) - CONTROL_OFFSET;
    writeFileSync(join(this.#folder, 'local', 'network.json'), JSON.stringify({ portBase }));
    this.things['controlFolder'] = this.#control.dataDir;
    this.things['provider'] = { origin: this.#provider?.origin };
    this.things['mailPort'] = this.#mail?.port;
    this.things['url'] = this.#control.control.url;
    this.things['ca'] = this.#control.control.caFile;
    this.things['token'] = this.#control.apiToken;
  }

  async #fill(): Promise<void> {
    const world = this.#control;
    const pop = this.#pop as PopWorld;
    const site = await world.must('POST', '/sites', { name: 'home' });
    for (const [n, name] of ['attic', 'cellar'].entries()) {
      const { token } = await world.must('POST', `/sites/${site.id}/enrolment-tokens`, {});
      const wireguardKey = Buffer.alloc(32, 7 + n).toString('base64');
      await world.call('POST', '/enrol/v1/connector', { token, wireguardKey, name });
    }
    const wiki = await world.must('POST', '/resources', { name: 'wiki', host: HOST });
    for (const n of [1, 2]) this.things[`session${n}`] = (await this.#signIn()).sessionId;
    const profiles = new Profiles();
    const ca = readFileSync(world.control.caFile, 'utf8');
    for (const n of [1, 2]) {
      const mine = await world.must('POST', '/api-tokens', { name: `mine${n}` });
      const { token } = await world.must('POST', '/api-tokens', { name: `profile${n}` });
      this.things[`mine${n}`] = mine.id;
      await profiles.put(`p${n}`, { url: world.control.url, ca, token });
    }
    Object.assign(this.things, {
      ...{ connector1: 'attic', connector2: 'cellar', pop1: 'ams', pop2: 'fra', device1: 'Laptop', device2: 'Desk' },
      ...{ member1: 'ann@example.com', member2: 'cid@example.com', owned1: 'resources forge', owned2: 'sites shed' },
    });
    await this.#log(wiki.id, pop);
    const tried = (n: number) => ({
      applications: [{ url: `http://10.9.8.${n}`, host: `try-${n}.manis.localhost`, keptUrl: 'http://10.9.8.7' }],
    });
    for (const [n, name] of ['try1', 'try2', 'ended1', 'ended2'].entries())
      this.things[name] = (await world.must('POST', '/quick-tunnels', tried(n + 1))).id;
  }

  async #signIn() {
    const asked = { email: 'ann@example.com', password: PASSWORD, clientAddress: '192.0.2.9' };
    const { body } = await this.#control.asPop(this.#pop as PopWorld, '/sign-in', asked);
    return body as { sessionId: string };
  }

  /** People; one has browsers with keys, and accounts elsewhere: what those prove is tested where it is proved. Ends control. */
  async #fillAccounts(): Promise<void> {
    const world = this.#control;
    const user = await world.must('POST', '/users', { email: 'ann@example.com', name: 'Ann', password: PASSWORD });
    await world.must('POST', '/users', { email: 'cid@example.com', name: 'Cid' });
    const account = { preset: 'github', clientId: 'x', clientSecret: 'y' };
    const providers: { readonly id: string }[] = [];
    for (const name of ['corporate1', 'corporate2'])
      providers.push(await world.must('POST', '/providers', { ...account, name }));
    await world.stop();
    const store = await openSqliteStore({ dataDir: world.dataDir, nowUnixMs: Date.now() });
    const times = { created_unix_ms: Date.now(), last_used_unix_ms: null };
    await store.publish(async (transaction) => {
      for (const [n, name] of ['Laptop', 'Desk'].entries())
        await insertKnownDevice(transaction, {
          ...{ id: `key-${n}`, user_id: user.id, name, public_key: 'spki', user_agent: 'x', ...times },
          ...{ approved_unix_ms: null, approved_by: null },
        });
      for (const { id } of providers)
        await insertIdentity(transaction, {
          ...{ provider_id: id, subject: 'ann-1', user_id: user.id, email: 'ann@example.com', provided: '[]' },
          ...{ created_unix_ms: Date.now(), seen_unix_ms: Date.now() },
        });
    });
    await store.close();
  }

  /** A request that was refused, in audit and log, and one that was captured. The PoP answers replays. */
  async #log(resourceId: string, pop: PopWorld): Promise<void> {
    await this.#control.must('PUT', `/resources/${resourceId}/capture`, { capture: { bodies: true } });
    await pop.until(() => pop.find('resource', resourceId)?.capture !== undefined);
    const unixMs = Date.now();
    const about = { id: 'request-1', unixMs, resourceId, method: 'POST', host: HOST };
    const record: SentRequest = {
      ...{ ...about, path: '/in', protocol: 'HTTP/2.0', status: 202, outcome: 'allowed', reason: 'authenticated' },
      ...{ subject: null, address: '192.0.2.1', bytesOut: 3, way: null, targetId: null, isCaptured: true },
      stageMs: { judge: 0.2, way: null, backend: null, total: 4 },
    };
    const body = { bytes: 2, kept: toBase64(utf8('{}')) };
    const captured = { ...about, target: '/in', fields: ['Content-Type', 'application/json'], body };
    const event = {
      ...{ id: 'evt-1', unixMs, requestId: 'request-1', resourceId, userId: null, clientAddress: '192.0.2.1' },
      ...{ method: 'POST', host: HOST, path: '/in', outcome: 'deny' as const, reason: 'rule-denied', ruleId: 'r1' },
      ...{ ruleName: 'Nobody from there', methods: [], country: 'NL', status: 403 },
    };
    pop.client.send({ type: 'requests', unixMs, lost: 0, records: [record], traffic: [] });
    pop.client.send({ type: 'captures', records: [captured] });
    pop.client.send({ type: 'audit', events: [event] });
    await eventually(async () => (await this.#control.api('GET', '/requests/request-1/capture')).status === 200);
    this.#answerReplays(pop);
  }

  #answerReplays(pop: PopWorld): void {
    const seen = new Set<string>();
    const answer = async (): Promise<void> => {
      for (;;) {
        const fresh = () =>
          pop.messages.flatMap((message) => (message.type === 'replay' && !seen.has(message.id) ? [message.id] : []));
        // For as long as nobody asks for one, too.
        await pop.until(() => fresh().length > 0).catch(() => undefined);
        for (const id of fresh()) {
          seen.add(id);
          pop.client.send({ type: 'replayed', id, requestId: 'r-1', status: 200 });
        }
      }
    };
    void answer();
  }
}

/** Where control is, from the first port of a local network. */
const CONTROL_OFFSET = 3;

const POLICY = `rules:
  - id: everybody
    name: Everybody who has signed in
    enabled: true
    when: { all: [] }
    then: { kind: authenticate, anyOf: signed-in }
`;

const BLUEPRINT = `manis: 1
sites:
  shed:
resources:
  forge:
    host: forge.manis.localhost
    targets: [{ site: shed, url: "http://10.0.0.9" }]
`;

const NGINX = `events {}
http { server { server_name n.example.com; location / { proxy_pass http://10.0.0.1:80; } } }
`;

/** What goes to a stream as text is kept; what tells of tests is bytes, and goes on. Gives back what undoes it. */
function captured(stream: NodeJS.WriteStream, kept: string[], isEndless: boolean): () => void {
  const { write } = stream;
  stream.write = ((text: string | Uint8Array) => {
    if (typeof text !== 'string') return write.call(stream, text);
    kept.push(text);
    if (isEndless) throw new ReaderGone();
    return true;
  }) as typeof write;
  return () => {
    stream.write = write;
  };
}

/** As a pipe is whose reader has seen enough. */
class ReaderGone extends Failure {
  constructor() {
    super('reader-gone', 'nobody reads any more');
  }
}
