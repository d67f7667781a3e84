/** A control node on a fresh data directory, with clients that speak to it over HTTPS, and PoPs that hold real links. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import { fromBase64Url, toBase64, toBase64Url } from '../base/index.ts';
import type { RunningControl } from '../control/running-control.ts';
import { type ControlOptions, startControl } from '../control/start-control.ts';
import {
  type ApplyResult,
  applyDelta,
  applySnapshot,
  type DomainQuestion,
  type LinkRecord,
  type PopEnrolmentRequest,
  type PopEnrolmentResponse,
  type RecordKind,
  type SnapshotState,
} from '../core/link/index.ts';
import {
  beginStandAlone,
  issuePopPortalSession,
  issueSessionToken,
  type Revocation,
  RevocationTable,
} from '../core/session/index.ts';
import { createClock } from '../io/clock.ts';
import type { LinkMessage, OpenLink } from '../io/link-attempt.ts';
import { LinkClient, linkUrl } from '../io/link-client.ts';
import { createLinkSigner, createSigningPort } from '../io/link-crypto.ts';
import { createLog } from '../io/log.ts';
import { createRandom } from '../io/random.ts';
import { NodeSessionCrypto } from '../io/session-crypto.ts';
import { patiently } from './eventually.ts';

const crypto = new NodeSessionCrypto();
const signing = createSigningPort(crypto);
const clock = createClock();
const random = createRandom();

/** Of a control node, in this process or another. */
type ReachedControl = Omit<RunningControl, 'observed'>;

/** An answer; `body` is parsed JSON, the text of anything else, or undefined. */
export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests read whatever the answer is said to hold
  readonly body: any;
  readonly headers: Record<string, string | string[] | undefined>;
}

type Headers = Readonly<Record<string, string>>;

export class ControlWorld {
  readonly dataDir = mkdtempSync(join(tmpdir(), 'manis-control-'));
  readonly logLines: string[] = [];
  readonly #pops: PopWorld[] = [];
  #control: ReachedControl | undefined;
  #agent: Agent | undefined;

  /** Starts, or starts again on the same data. */
  async start(change: Partial<ControlOptions> = {}): Promise<RunningControl> {
    const control = await startControl({
      dataDir: this.dataDir,
      listen: { host: '127.0.0.1', port: 0 },
      portalHost: 'manis.localhost',
      publicPort: 8443,
      clock,
      random,
      crypto,
      log: createLog({ level: 'debug', destination: { write: (line) => void this.logLines.push(line) } }),
      software: 'manis/test',
      ...change,
    });
    return this.adopt(control);
  }

  /** Speaks to a control node that was started elsewhere. */
  adopt<Control extends ReachedControl>(control: Control): Control {
    this.#control = control;
    this.#agent = new Agent({ connect: { ca: readFileSync(control.caFile, 'utf8') } });
    return control;
  }

  get control(): ReachedControl {
    if (!this.#control) throw new Error('control has not been started');
    return this.#control;
  }

  get apiToken(): string {
    return readFileSync(this.control.apiTokenFile, 'utf8').trim();
  }

  /** Ends control; PoPs stay and try to come back. */
  async stop(): Promise<void> {
    await this.#control?.close();
    await this.#agent?.destroy();
    this.#control = undefined;
  }

  async end(): Promise<void> {
    for (const pop of this.#pops) pop.client.stop();
    await this.stop();
    rmSync(this.dataDir, { recursive: true, force: true });
    const undeclared = new Set(this.logLines.filter((line) => line.includes('undeclared refusal')));
    if (undeclared.size > 0) throw new Error(`declare it in \`refusals\` of its route:\n${[...undeclared].join('')}`);
  }

  async call(method: string, path: string, body?: unknown, headers: Headers = {}): Promise<Answer> {
    const isText = typeof body === 'string';
    const answer = await request(this.control.url + path, {
      method: method as 'GET',
      ...(this.#agent && { dispatcher: this.#agent }),
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: isText ? body : JSON.stringify(body) }),
    });
    const text = await answer.body.text();
    const isJson = /^application\/(problem\+)?json/.test(String(answer.headers['content-type']));
    const parsed = text === '' ? undefined : isJson ? JSON.parse(text) : text;
    return { status: answer.statusCode, body: parsed, headers: answer.headers };
  }

  /** The management API with the token of the command line. */
  api(method: string, path: string, body?: unknown): Promise<Answer> {
    return this.call(method, `/api/v1${path}`, body, { authorization: `Bearer ${this.apiToken}` });
  }

  /** Like `api`, for what must work: the body. */
  async must(method: string, path: string, body?: unknown): Promise<Answer['body']> {
    const answer = await this.api(method, path, body);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  /**
   * Asks as this PoP does for whoever is at it. A clock that leaps makes control take the link for dead, and the PoP comes
   * back: then it is asked once more.
   */
  async asPop(pop: PopWorld, path: string, body: object): Promise<Answer> {
    for (;;) {
      const { headers } = pop;
      const answer = await this.call('POST', `/internal/v1${path}`, body, headers);
      if (answer.body?.code !== 'link-required') return answer;
      await pop.until(() => pop.link !== null && pop.headers['x-manis-link'] !== headers['x-manis-link']);
    }
  }

  /** Enrols a PoP through the API and lets it connect. What it says of itself may be told otherwise. */
  async addPop(name: string, said: Partial<PopEnrolmentRequest> = {}): Promise<PopWorld> {
    const location = { name: 'Amsterdam', latitude: 52.37, longitude: 4.9 };
    const { token } = await this.must('POST', '/pops/enrolment-tokens', { name, location });
    const keys = crypto.generateKeyPair();
    const answer = await this.call('POST', '/enrol/v1/pop', {
      token,
      wireguardKey: toBase64(random.bytes(32)),
      signingKey: toBase64Url(keys.publicKey),
      udpEndpoints: ['127.0.0.1:51820'],
      httpsEndpoints: ['127.0.0.1:8443'],
      ...said,
    });
    if (answer.status !== 201) throw new Error(`enrolment: ${JSON.stringify(answer.body)}`);
    const pop = new PopWorld(answer.body as PopEnrolmentResponse, keys);
    this.#pops.push(pop);
    pop.client.start();
    await pop.until(() => pop.state !== null);
    return pop;
  }
}

/** A PoP as control sees one: a link, the state it was sent, and the revocations. */
export class PopWorld {
  readonly enrolled: PopEnrolmentResponse;
  client: LinkClient;
  /** What it finds in DNS. */
  sees: (question: DomainQuestion) => readonly string[] = () => [];
  readonly revocations = new RevocationTable();
  readonly entries: Revocation[] = [];
  readonly messages: LinkMessage[] = [];
  state: SnapshotState | null = null;
  link: OpenLink | null = null;
  readonly #keys: { readonly seed: Uint8Array; readonly publicKey: Uint8Array };
  #waiting: (() => void)[] = [];

  constructor(enrolled: PopEnrolmentResponse, keys: { readonly seed: Uint8Array; readonly publicKey: Uint8Array }) {
    this.enrolled = enrolled;
    this.#keys = keys;
    this.client = this.#newClient();
  }

  /** After its link was stopped: the same PoP again. */
  comeBack(): void {
    this.client = this.#newClient();
    this.client.start();
  }

  #newClient(): LinkClient {
    const { enrolled } = this;
    const keys = this.#keys;
    return new LinkClient({
      urls: enrolled.linkUrls,
      moreUrls: () => [...(this.state?.ofKind('control') ?? [])].flatMap(({ url }) => (url ? [linkUrl(url)] : [])),
      popId: enrolled.popId,
      signer: createLinkSigner(crypto, keys.seed, keys.publicKey),
      port: signing,
      rootKey: this.#rootKey(),
      clock,
      random,
      software: 'pop/test',
      have: () => ({ version: this.state?.version ?? null, revocations: this.revocations.position }),
      opened: (link) => this.#happened(() => this.#opened(link)),
      received: (message) => this.#happened(() => this.#received(message)),
      ended: () => this.#happened(() => this.#opened(null)),
      retryFirstMs: 5,
    });
  }

  /** Headers that prove the live link. */
  get headers(): Record<string, string> {
    return { 'x-manis-link': this.link?.authentication ?? '' };
  }

  /** Waits for something that a message brings about. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await patiently(new Promise<void>((resolve) => this.#waiting.push(resolve)), holds);
  }

  /** A portal session of a user, as the PoP signs it while control is away. */
  judgedSession(userId: string) {
    const key = { id: this.enrolled.popId, signer: crypto.signer(this.#keys.seed) };
    const signIn = { userId, methods: ['oidc'], authenticatedAtUnixMs: clock.unixMs() };
    const lifetimes = { absoluteMs: 3_600_000, idleMs: 600_000 };
    const at = { host: 'manis.localhost', lifetimes, revocations: this.revocations };
    return issuePopPortalSession(crypto, key, signIn, at, clock.unixMs());
  }

  /** A session of the holder of a credential, as the PoP signs it; it stands alone. */
  heldSession(credentialId: string, resourceId: string, host: string) {
    const key = { id: this.enrolled.popId, signer: crypto.signer(this.#keys.seed) };
    const nowUnixMs = Math.round(clock.unixMs());
    const parentExpiresAtUnixMs = nowUnixMs + 3_600_000;
    const subject = { kind: 'holder', credentialId } as const;
    const grant = { subject, epoch: 1, methods: ['pin'], authenticatedAtUnixMs: nowUnixMs, parentExpiresAtUnixMs };
    const lifetimes = { absoluteMs: 3_600_000, idleMs: 600_000 };
    const claims = beginStandAlone(crypto, grant, { resourceId, host }, lifetimes, nowUnixMs);
    return { token: issueSessionToken(claims, key), claims };
  }

  find<Kind extends RecordKind>(kind: Kind, id: string): Extract<LinkRecord, { kind: Kind }> | undefined {
    for (const record of this.state?.ofKind(kind) ?? []) if (record.id === id) return record;
    return undefined;
  }

  #rootKey(): Uint8Array {
    return fromBase64Url(this.enrolled.rootKey) ?? new Uint8Array();
  }

  #opened(link: OpenLink | null): void {
    this.link = link;
  }

  #received(message: LinkMessage): void {
    this.messages.push(message);
    if (message.type === 'snapshot') this.#take(applySnapshot(this.state, message, this.#context()));
    else if (message.type === 'delta' && this.state) this.#take(applyDelta(this.state, message, this.#context()));
    else if (message.type === 'lookUp') {
      const answers = message.questions.map((question) => ({ ...question, found: this.sees(question) }));
      this.client.send({ type: 'lookedUp', id: message.id, answers });
    } else if (message.type === 'revocations') {
      this.entries.push(...message.entries);
      this.revocations.merge({ position: message.position, revocations: message.entries, folded: [] });
      this.client.send({ type: 'revocationsApplied', position: this.revocations.position });
    }
  }

  #take(result: ApplyResult): void {
    if (!result.ok) {
      this.client.send({ type: 'resync', reason: result.reason });
      return;
    }
    this.state = result.state;
    this.client.send({ type: 'applied', version: result.state.version });
  }

  #context() {
    return { rootKey: this.#rootKey(), popId: this.enrolled.popId, unixMs: clock.unixMs(), port: signing };
  }

  #happened(event: () => void): void {
    event();
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
