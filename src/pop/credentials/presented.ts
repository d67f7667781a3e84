import { toBase64Url, utf8 } from '../../base/index.ts';
import { RecentMap, type ResourceClaims, type SessionCrypto } from '../../core/session/index.ts';
import { addressGroup } from '../../io/address-group.ts';
import { hashSecret } from '../../io/secrets.ts';
import type { Authenticator, SignedIn } from '../authenticate.ts';
import type { AtResource } from '../door.ts';
import type { SnapshotView } from '../snapshot-view.ts';
import { AUTHORIZATION_MAX_CHARS, VERIFIED_BASIC_MAX } from './constants.ts';
import type { CredentialLedger } from './credential-ledger.ts';
import type { Guesses } from './guesses.ts';
import type { KnownCredential } from './known-credentials.ts';

/** What a service token begins with. */
const TOKEN_PREFIX = 'mnt_';
/** For clients whose Authorization is the application's own. Like all of X-Manis-* it reaches no backend. */
const TOKEN_FIELD = 'x-manis-token';
const BEARER = /^Bearer[ \t]+(.*)$/i;
const BASIC = /^Basic[ \t]+([A-Za-z0-9+/_-]+={0,2})[ \t]*$/i;

/** Why a credential that a request brings stands for nobody. */
export type PresentedReason = 'token-unknown' | 'token-duplicated' | 'header-wrong' | 'too-many-tries' | 'try-again';

/** A credential of Manis that a request brings in its fields. It is judged on every request, and anew while one lasts. */
export interface Presented {
  /** To be awaited before `holder` is asked; undefined where everything is known. */
  readonly judging: Promise<unknown> | undefined;
  /** Whom it stands for, by the snapshot of now. */
  holder(view: SnapshotView, nowUnixMs: number): SignedIn<ResourceClaims> | PresentedReason;
  /** Whether an Authorization value is ours, so that no backend gets it. */
  isOwn(authorization: string): boolean;
}

export interface PresentedParts {
  readonly crypto: SessionCrypto;
  readonly guesses: Guesses;
  readonly ledger: CredentialLedger;
  readonly authenticator: Authenticator;
}

type Judgement = 'right' | 'wrong' | 'too-many-tries' | 'try-again';

/** Reads service tokens and HTTP Basic of requests to a resource. */
export class PresentedCredentials {
  readonly #parts: PresentedParts;
  /** Keys what is remembered, so that it is no list of passwords. Of this process alone. */
  readonly #key: Uint8Array;
  /** HTTP Basic values that were judged, by credential, version and value. */
  readonly #judged = new RecentMap<Judgement>(VERIFIED_BASIC_MAX);

  constructor(parts: PresentedParts) {
    this.#parts = parts;
    this.#key = parts.crypto.bytes(32);
  }

  /** Undefined where the request brings none that is ours. */
  of(at: AtResource, hasSession: boolean): Presented | undefined {
    const { rawHeaders } = at.context.request;
    const values: string[] = [];
    const tokens: string[] = [];
    for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
      const name = rawHeaders[i] as string;
      if (name.length !== TOKEN_FIELD.length) continue;
      const lower = name.toLowerCase();
      if (lower === 'authorization') values.push(rawHeaders[i + 1] as string);
      else if (lower === TOKEN_FIELD) tokens.push(rawHeaders[i + 1] as string);
    }
    if (values.length === 0 && tokens.length === 0) return undefined;
    for (const value of values) if (isToken(value)) tokens.push(BEARER.exec(value)?.[1]?.trim() ?? '');
    if (tokens.length > 0) return this.#token(at, tokens);
    const [basic] = values;
    return basic === undefined || values.length > 1 ? undefined : this.#basic(at, basic, hasSession);
  }

  #token(at: AtResource, tokens: readonly string[]): Presented {
    const { resource } = at;
    const hash = hashSecret((tokens[0] ?? '').slice(0, AUTHORIZATION_MAX_CHARS));
    const holder = this.#holderAt(at);
    return {
      judging: undefined,
      isOwn: isToken,
      holder: (view, nowUnixMs) => {
        if (tokens.length > 1) return 'token-duplicated';
        const known = view.credentials.ofSecretHash(hash, 'service-token', resource.record.id, nowUnixMs);
        return known ? holder(known, nowUnixMs) : 'token-unknown';
      },
    };
  }

  #basic(at: AtResource, field: string, hasSession: boolean): Presented | undefined {
    const { view, resource, context } = at;
    const ours = view.credentials.opening(resource.record.id, 'header', context.nowUnixMs);
    if (ours.length === 0) return undefined;
    const [username = '', password = ''] = readBasic(field) ?? [];
    const known = ours.find(({ record }) => record.username === username);
    // Another user name is the backend's business, unless nothing else says who asks: then it must not show that it is no
    // name of ours.
    if (!known && hasSession) return undefined;
    const key = this.#keyOf(known ?? resource.record.id, `${username}:${password}`);
    const holder = this.#holderAt(at);
    const isOwn = (value: string): boolean => known !== undefined && readBasic(value)?.[0] === username;
    return {
      judging: this.#judged.get(key) === undefined ? this.#judge(at, known, password, key) : undefined,
      isOwn,
      holder: (current, nowUnixMs) => {
        const judgement = this.#judged.get(key);
        if (judgement === 'too-many-tries' || judgement === 'try-again') {
          this.#judged.delete(key);
          return judgement;
        }
        const now = known && current.credentials.ofId(known.record.id);
        if (judgement !== 'right' || !now || now.record.version !== known.record.version) return 'header-wrong';
        const opening = current.credentials.opening(resource.record.id, 'header', nowUnixMs);
        return opening.includes(now) ? holder(now, nowUnixMs) : 'header-wrong';
      },
    };
  }

  async #judge(at: AtResource, known: KnownCredential | undefined, password: string, key: string): Promise<void> {
    const source = { address: addressGroup(at.context.clientAddressText) };
    const result = known
      ? await this.#parts.guesses.judge(known, password, source)
      : await this.#parts.guesses.judgeNobody(at.resource.record.id, password, source);
    const isOpen = result.kind === 'busy' || result.kind === 'unwritable';
    this.#judged.set(key, result.kind === 'refused' ? 'too-many-tries' : isOpen ? 'try-again' : result.kind);
  }

  /** Counts a use with the first word on a request, not when it is judged anew. */
  #holderAt({ context, resource }: AtResource) {
    const audience = { resourceId: resource.record.id, host: context.host };
    let isCounted = false;
    return (known: KnownCredential, nowUnixMs: number): SignedIn<ResourceClaims> => {
      if (!isCounted) this.#parts.ledger.used(known.record.id, known.record.version);
      isCounted = true;
      return this.#parts.authenticator.holderOf(known, audience, nowUnixMs);
    };
  }

  #keyOf(credential: KnownCredential | string, value: string): string {
    const whose = typeof credential === 'string' ? credential : `${credential.record.id} ${credential.record.version}`;
    return toBase64Url(this.#parts.crypto.hmacSha256(this.#key, utf8(`${whose}\n${value}`)));
  }
}

function isToken(authorization: string): boolean {
  return BEARER.exec(authorization)?.[1]?.trimStart().startsWith(TOKEN_PREFIX) ?? false;
}

/** User name and password (RFC 7617), or undefined. */
function readBasic(field: string): readonly [string, string] | undefined {
  const encoded = field.length <= AUTHORIZATION_MAX_CHARS ? BASIC.exec(field)?.[1] : undefined;
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString();
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : [text.slice(0, colon), text.slice(colon + 1)];
}
