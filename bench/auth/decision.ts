/**
 * What a request costs a PoP between its parsing and its forwarding: the cookie, the session, its user, and a policy of
 * fifty rules, through the objects that the PoP has. Each request is timed alone.
 */
import type { IncomingMessage } from 'node:http';
import { parseIpAddress, toBase64Url } from '../../src/base/index.ts';
import { type LinkRecord, SnapshotState } from '../../src/core/link/index.ts';
import { evaluate, normaliseTarget } from '../../src/core/policy/index.ts';
import {
  issueSessionToken,
  type ResourceClaims,
  RevocationTable,
  SESSION_COOKIE,
  type SigningKey,
} from '../../src/core/session/index.ts';
import { Traces } from '../../src/core/tracing/index.ts';
import { createClock } from '../../src/io/clock.ts';
import { ClientGeography } from '../../src/io/geo/client-geography.ts';
import { createRandom } from '../../src/io/random.ts';
import { NodeSessionCrypto } from '../../src/io/session-crypto.ts';
import { Authenticator } from '../../src/pop/authenticate.ts';
import { IncomingContext } from '../../src/pop/incoming-context.ts';
import { type ConnectionFacts, readCookies } from '../../src/pop/request-context.ts';
import { RequestCourse } from '../../src/pop/request-course.ts';
import { SnapshotView } from '../../src/pop/snapshot-view.ts';
import { FIFTY_RULES } from './policy.ts';

const HOST = 'app.manis.localhost';
const HOUR_MS = 3_600_000;
const USERS = 200;
const WARM_UP = 30_000;
const REQUESTS = 100_000;
const AGENT = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
/** Registered in Germany, the Netherlands and Japan. */
const ADDRESSES = ['193.99.144.80', '193.0.6.139', '133.11.0.1', '2001:67c:2e8::1'];

const crypto = new NodeSessionCrypto();
const clock = createClock();
const traces = new Traces(createRandom());

/** Microseconds of each request, ascending. */
export async function decisionTimes(): Promise<Float64Array> {
  const { seed, publicKey } = crypto.generateKeyPair();
  const key: SigningKey = { id: 'pop', signer: crypto.signer(seed) };
  const judge = new Judge(key, toBase64Url(publicKey));
  await judge.open();
  const requests = Array.from({ length: USERS }, (_, i) => ({
    rawHeaders: headersOf(key, `user-${1_000 + i}`),
    connection: connectionFrom(ADDRESSES[i % ADDRESSES.length] ?? ''),
    path: `/api/v2/projects/${i}/documents/${i * 7}?page=${i}`,
  }));
  const times = new Float64Array(REQUESTS);
  for (let i = 0; i < WARM_UP; i++) judge.judge(requests[i % USERS] as AskedRequest);
  for (let i = 0; i < REQUESTS; i++) {
    const asked = requests[(i * 31) % USERS] as AskedRequest;
    const startedMs = performance.now();
    judge.judge(asked);
    times[i] = (performance.now() - startedMs) * 1000;
  }
  return times.sort();
}

interface AskedRequest {
  readonly rawHeaders: readonly string[];
  readonly connection: ConnectionFacts;
  readonly path: string;
}

class Judge {
  readonly #view: SnapshotView;
  readonly #authenticator: Authenticator;
  readonly #geography = new ClientGeography({
    failed: (error) => {
      throw error;
    },
  });

  constructor(key: SigningKey, publicKey: string) {
    const header = { to: { epoch: 1, revision: 1 }, expiresUnixMs: clock.unixMs() + HOUR_MS };
    const state = SnapshotState.whole(header, recordsOf(key.id, publicKey), (bytes) => crypto.sha256(bytes));
    const view = state && SnapshotView.of(state, crypto);
    if (!view) throw new Error('the snapshot of the benchmark is no snapshot');
    this.#view = view;
    this.#authenticator = new Authenticator(() => view, new RevocationTable());
  }

  async open(): Promise<void> {
    await this.#geography.want(this.#view.policies.needs);
  }

  judge({ rawHeaders, connection, path }: AskedRequest): void {
    const target = normaliseTarget(path);
    const resource = this.#view.resourceAt(HOST);
    if (!resource || typeof target === 'string') throw new Error('not as expected');
    const request = { rawHeaders } as IncomingMessage;
    const named = { requestId: 'r', method: 'GET', host: HOST, authority: HOST };
    const course = new RequestCourse(clock, traces, rawHeaders);
    const read = { ...named, target, connection, request, course, nowUnixMs: clock.unixMs() };
    const context = new IncomingContext(read, {
      geography: this.#geography,
      certificateAt: () => undefined,
      coalesces: () => false,
      traces,
    });
    const { manis: cookies } = readCookies(connection, rawHeaders);
    if (typeof cookies === 'string') throw new Error('not as expected');
    const token = cookies.session ?? '';
    const signedIn = this.#authenticator.atResource(token, HOST, resource.record.id, context.nowUnixMs);
    if (typeof signedIn === 'string') throw new Error(`the session of the benchmark is refused: ${signedIn}`);
    const { outcome, reason } = evaluate(resource.policy, context, signedIn.subject);
    if (outcome !== 'allow') throw new Error(`the request of the benchmark is refused: ${reason}`);
  }
}

function recordsOf(popId: string, signingKey: string): LinkRecord[] {
  const overlay = { wireguardKey: '', overlayAddress: '', udpEndpoints: [], httpsEndpoints: [] };
  const location = { name: 'here', latitude: 0, longitude: 0 };
  const lifetimes = { sessionIdleMs: HOUR_MS, sessionAbsoluteMs: 2 * HOUR_MS, stalenessMs: HOUR_MS };
  const of = { organisationId: 'organisation', organisationName: 'Bench' };
  return [
    { kind: 'installation', id: 'installation', ...of, portalHost: 'manis.localhost', publicPort: 8443, ...lifetimes },
    { kind: 'pop', id: popId, name: 'pop', location, ...overlay, signingKey },
    {
      kind: 'organisationPolicy',
      id: 'organisation',
      policy: { rules: [] },
      lists: { blocked: { kind: 'addresses', entries: ['198.51.100.0/24'] } },
    },
    ...Array.from({ length: USERS }, (_, i): LinkRecord => {
      const id = `user-${1_000 + i}`;
      const roles = ['staff', 'engineering'];
      return { kind: 'user', id, email: `${id}@example.com`, name: `User ${i}`, roles, disabled: false };
    }),
    { kind: 'resource', id: 'app', name: 'App', host: HOST, enabled: true, policy: FIFTY_RULES, targets: [] },
  ];
}

function headersOf(key: SigningKey, userId: string): string[] {
  const nowMs = clock.unixMs();
  const id = (): string => toBase64Url(crypto.bytes(16));
  const until = { expiresAtUnixMs: nowMs + HOUR_MS, idleExpiresAtUnixMs: nowMs + HOUR_MS };
  const since = { authenticatedAtUnixMs: nowMs, startedAtUnixMs: nowMs, issuedAtUnixMs: nowMs };
  const claims: ResourceClaims = {
    ...{ kind: 'resource', id: id(), parentId: id(), subject: { kind: 'user', userId }, epoch: 0 },
    ...{ methods: ['password'], ...since, ...until, host: HOST, resourceId: 'app' },
  };
  const cookie = `${SESSION_COOKIE}=${issueSessionToken(claims, key)}`;
  return ['Host', HOST, 'User-Agent', AGENT, 'Accept', '*/*', 'Accept-Encoding', 'gzip, br', 'Cookie', cookie];
}

function connectionFrom(text: string): ConnectionFacts {
  const unread = { cookies: undefined, place: undefined, device: undefined, forwarding: undefined };
  const address = parseIpAddress(text);
  return { address, chain: address ? [address] : [], addressText: text, serverName: HOST, ...unread };
}
