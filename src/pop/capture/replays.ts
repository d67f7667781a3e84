import { fromBase64, parseIpAddress, toBase64Url } from '../../base/index.ts';
import type { ReplayedMessage, ReplayMessage } from '../../core/link/index.ts';
import {
  attemptIdOf,
  challengeOf,
  issueCode,
  issueSessionToken,
  mayOpen,
  redeemCode,
  SESSION_COOKIE,
  type SessionCrypto,
  type SigningKey,
  stripManisCookies,
} from '../../core/session/index.ts';
import type { HttpHandlers } from '../../io/http/handlers.ts';
import { InnerRequests } from '../../io/http/inner-requests.ts';
import type { Authenticator } from '../authenticate.ts';
import type { Counters } from '../counters.ts';
import { LISTENER_LIMITS } from '../listener-limits.ts';
import { reaches } from '../providers/known-providers.ts';
import type { PublishedResource } from '../published-resource.ts';
import { innerFacts, type ReplayFacts, setFacts } from '../request-context.ts';
import type { SnapshotHolder } from '../snapshot-holder.ts';
import type { SnapshotView } from '../snapshot-view.ts';
import { REPLAY_ANSWER_BYTES, REPLAY_MS, REPLAYS_AT_ONCE } from './constants.ts';

export interface ReplayParts {
  readonly holder: SnapshotHolder;
  readonly authenticator: Authenticator;
  readonly crypto: SessionCrypto;
  readonly key: SigningKey;
  readonly counters: Counters;
  readonly clock: { unixMs(): number };
  readonly ingress: HttpHandlers;
}

/**
 * Sends captured requests once more. Each comes to the ingress like any request, over a connection within the process: from
 * the address, and with a session, of whoever wants it. So everything is judged as if they had sent it themselves.
 */
export class Replays {
  readonly #parts: ReplayParts;
  readonly #inner: InnerRequests;
  #open = 0;

  constructor(parts: ReplayParts) {
    this.#parts = parts;
    this.#inner = new InnerRequests(parts.ingress, LISTENER_LIMITS);
  }

  async take(message: ReplayMessage, send: (answer: ReplayedMessage) => unknown): Promise<void> {
    const refuse = (refused: string): void => {
      this.#parts.counters.add('captures', 'replay-refused');
      send({ type: 'replayed', id: message.id, requestId: null, status: 0, refused });
    };
    if (this.#open >= REPLAYS_AT_ONCE) return refuse('too-many-replays');
    const { view } = this.#parts.holder;
    const resource = view?.resourceAt(message.host);
    if (!view || resource?.record.id !== message.resourceId) return refuse('resource-unknown');
    const session = message.session === undefined ? undefined : this.#session(view, resource, message.session, message);
    if (session && 'refused' in session) return refuse(session.refused);
    this.#open++;
    try {
      send({ type: 'replayed', id: message.id, ...(await this.#send(view, message, session?.token)) });
    } finally {
      this.#open--;
    }
  }

  async #send(view: SnapshotView, message: ReplayMessage, token: string | undefined) {
    const facts: ReplayFacts = { of: message.replayOf, requestId: undefined };
    const body = message.body === undefined ? undefined : (fromBase64(message.body) ?? undefined);
    const address = parseIpAddress(message.address);
    this.#parts.counters.add('captures', 'replayed');
    const status = await this.#inner.send(
      {
        ...{ method: message.method, target: message.target, body },
        fields: [...['Host', view.authorityOf(message.host)], ...withSession(message.fields, token)],
        ...{ timeoutMs: REPLAY_MS, answerBytes: REPLAY_ANSWER_BYTES },
      },
      (socket) => setFacts(socket, innerFacts(address, message.host, facts)),
    );
    return { requestId: facts.requestId ?? null, status };
  }

  /** A session with the resource from the portal session, in the way that a browser would get it. */
  #session(view: SnapshotView, { record }: PublishedResource, portalToken: string, { host }: ReplayMessage) {
    const { authenticator, crypto, key, holder, clock } = this.#parts;
    const nowUnixMs = clock.unixMs();
    const signedIn = authenticator.atPortal(portalToken, view.installation.portalHost, nowUnixMs);
    if (typeof signedIn === 'string') return { refused: signedIn };
    const organisationId = view.organisationOf(record);
    const isMember = view.users.isMember(signedIn.user.record, organisationId);
    if (!isMember || !reaches(view, signedIn.claims.via?.providerId, organisationId))
      return { refused: 'not-a-member' };
    if (!mayOpen(view, signedIn.claims, record.id)) return { refused: 'issuer-may-not' };
    const verifier = toBase64Url(crypto.bytes(32));
    const challenge = challengeOf(crypto, verifier);
    const audience = { resourceId: record.id, host };
    const asked = { ...audience, challenge, returnTo: '/' };
    const code = issueCode(crypto, key, signedIn.claims, asked, audience, nowUnixMs);
    const cookies = { attempts: new Map([[attemptIdOf(challenge), verifier]]) };
    const circumstances = { keys: view, revocations: holder.revocations };
    const lifetimes = view.lifetimesAt(record);
    const redeemed = redeemCode(crypto, code, cookies, audience, lifetimes, circumstances, nowUnixMs);
    return typeof redeemed === 'string' ? { refused: redeemed } : { token: issueSessionToken(redeemed.claims, key) };
  }
}

/** The fields with the session's cookie beside those that were given, and no other cookie of Manis. */
function withSession(raw: readonly string[], token: string | undefined): string[] {
  const fields: string[] = [];
  const cookies = token === undefined ? [] : [`${SESSION_COOKIE}=${token}`];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const [name, value] = [raw[i] as string, raw[i + 1] as string];
    if (name.toLowerCase() !== 'cookie') fields.push(name, value);
    else cookies.push(stripManisCookies(value) ?? '');
  }
  const field = cookies.filter((each) => each !== '').join('; ');
  return field === '' ? fields : [...fields, 'Cookie', field];
}
