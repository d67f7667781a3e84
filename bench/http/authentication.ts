// biome-ignore-all lint/suspicious/noThenProperty: a rule is written when and then; it is an object, so nothing awaits it
/**
 * What authentication and policy cost a request at a PoP: the calls that `ResourceHost` makes for it, on the same kind of
 * request, in a row. Warm: a browser that came before, on a connection that is kept. Cold: the first request of a session
 * at this PoP, with the signature of its token to verify and an assertion to sign; beside it, that one verification and
 * one signature alone, which are most of it and differ by a factor of two from one machine, or hour, to the next.
 */
import { toBase64Url } from '../../src/base/index.ts';
import { type LinkRecord, SnapshotState } from '../../src/core/link/index.ts';
import { evaluate, normaliseTarget, type Policy, plainContext } from '../../src/core/policy/index.ts';
import {
  AssertionIssuer,
  issueSessionToken,
  type ResourceClaims,
  RevocationTable,
  SESSION_COOKIE,
  type SigningKey,
} from '../../src/core/session/index.ts';
import { createClock } from '../../src/io/clock.ts';
import { NodeSessionCrypto } from '../../src/io/session-crypto.ts';
import { Authenticator } from '../../src/pop/authenticate.ts';
import { type ConnectionFacts, readCookies } from '../../src/pop/request-context.ts';
import { SnapshotView } from '../../src/pop/snapshot-view.ts';
import { median } from '../report.ts';

const HOST = 'app.manis.localhost';
const HOUR_MS = 3_600_000;
const POLICY: Policy = {
  rules: [
    {
      id: 'members',
      name: 'Members',
      enabled: true,
      when: { all: [] },
      then: { kind: 'authenticate', anyOf: { roles: ['member'] } },
    },
  ],
};
const WARM_ROUNDS = 21;
const WARM_REQUESTS = 20_000;
const COLD_SESSIONS = 500;

const crypto = new NodeSessionCrypto();
const clock = createClock();

export interface AuthenticationMicroseconds {
  readonly warm: number;
  readonly cold: number;
  /** One Ed25519 verification and one signature. */
  readonly signatures: number;
}

/** Microseconds a request, medians. */
export function authenticationMicroseconds(): AuthenticationMicroseconds {
  const { seed, publicKey } = crypto.generateKeyPair();
  const key: SigningKey = { id: 'pop', signer: crypto.signer(seed) };
  const verifier = crypto.verifier(publicKey);
  if (!verifier) throw new Error('the key of the benchmark is no key');
  const pop = new Judge(key, toBase64Url(publicKey));
  const signed = new TextEncoder().encode('what a token of usual length says'.repeat(10));
  const pairs = Array.from({ length: COLD_SESSIONS }, () => {
    const fields = cookieFields(key);
    const cold = timed(1, () => pop.judge(newConnection(), fields));
    return { cold, signatures: timed(1, () => verifier.verify(signed, key.signer.sign(signed))) };
  });
  const [fields, connection] = [cookieFields(key), newConnection()];
  const warm = Array.from({ length: WARM_ROUNDS }, () => timed(WARM_REQUESTS, () => pop.judge(connection, fields)));
  const [cold, signatures] = [pairs.map((pair) => pair.cold), pairs.map((pair) => pair.signatures)];
  return { warm: median(warm), cold: median(cold), signatures: median(signatures) };
}

/** The parts of a PoP that judge. */
class Judge {
  readonly #view: SnapshotView;
  readonly #authenticator: Authenticator;
  readonly #issuer = new AssertionIssuer(crypto, 'https://manis.localhost');
  readonly #key: SigningKey;

  constructor(key: SigningKey, publicKey: string) {
    const header = { to: { epoch: 1, revision: 1 }, expiresUnixMs: clock.unixMs() + HOUR_MS };
    const state = SnapshotState.whole(header, records(publicKey), (bytes) => crypto.sha256(bytes));
    const view = state && SnapshotView.of(state, crypto);
    if (!view) throw new Error('the snapshot of the benchmark is no snapshot');
    this.#view = view;
    this.#authenticator = new Authenticator(() => view, new RevocationTable());
    this.#key = key;
  }

  judge(connection: ConnectionFacts, rawHeaders: readonly string[]): string {
    const nowUnixMs = clock.unixMs();
    const resource = this.#view.resourceAt(HOST);
    const target = normaliseTarget('/1k');
    const { manis: cookies } = readCookies(connection, rawHeaders);
    if (!resource || typeof target === 'string' || typeof cookies === 'string') throw new Error('not as expected');
    const token = cookies.session ?? '';
    const signedIn = this.#authenticator.atResource(token, HOST, resource.record.id, nowUnixMs);
    if (typeof signedIn === 'string') throw new Error(`the session of the benchmark is refused: ${signedIn}`);
    const context = plainContext({ clientAddress: connection.address, target, method: 'GET', nowUnixMs });
    const { outcome, reason } = evaluate(resource.policy, context, signedIn.subject);
    if (outcome !== 'allow') throw new Error(`the request of the benchmark is refused: ${reason}`);
    return this.#issuer.assertionFor(signedIn.claims.id, HOST, signedIn.identity, this.#key, nowUnixMs);
  }
}

function records(signingKey: string): LinkRecord[] {
  const overlay = { wireguardKey: '', overlayAddress: '', udpEndpoints: [], httpsEndpoints: [] };
  const location = { name: 'here', latitude: 0, longitude: 0 };
  return [
    {
      kind: 'installation',
      id: 'installation',
      organisationId: 'organisation',
      organisationName: 'Bench',
      portalHost: 'manis.localhost',
      publicPort: 8443,
      sessionIdleMs: HOUR_MS,
      sessionAbsoluteMs: 2 * HOUR_MS,
      stalenessMs: HOUR_MS,
    },
    { kind: 'pop', id: 'pop', name: 'pop', location, ...overlay, signingKey },
    { kind: 'user', id: 'user', email: 'user@example.com', name: 'User', roles: ['member'], disabled: false },
    { kind: 'resource', id: 'app', name: 'App', host: HOST, enabled: true, policy: POLICY, targets: [] },
  ];
}

function cookieFields(key: SigningKey): string[] {
  const nowMs = clock.unixMs();
  const id = (): string => toBase64Url(crypto.bytes(16));
  const claims: ResourceClaims = {
    kind: 'resource',
    id: id(),
    parentId: id(),
    subject: { kind: 'user', userId: 'user' },
    epoch: 0,
    methods: ['password'],
    authenticatedAtUnixMs: nowMs,
    startedAtUnixMs: nowMs,
    issuedAtUnixMs: nowMs,
    expiresAtUnixMs: nowMs + HOUR_MS,
    idleExpiresAtUnixMs: nowMs + HOUR_MS,
    host: HOST,
    resourceId: 'app',
  };
  return ['Host', HOST, 'Accept', '*/*', 'Cookie', `${SESSION_COOKIE}=${issueSessionToken(claims, key)}`];
}

function newConnection(): ConnectionFacts {
  const [address, serverName] = [undefined, HOST];
  const unread = { cookies: undefined, place: undefined, device: undefined, forwarding: undefined };
  return { address, chain: [], addressText: 'unknown', serverName, ...unread };
}

function timed(count: number, call: () => void): number {
  const startedMs = performance.now();
  for (let i = 0; i < count; i++) call();
  return ((performance.now() - startedMs) * 1000) / count;
}
