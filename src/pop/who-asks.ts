import { isBelow, type Subject } from '../core/policy/index.ts';
import type { ManisCookies, ResourceClaims } from '../core/session/index.ts';
import type { HttpRequest } from '../io/http/message.ts';
import type { Authenticator, SignedIn } from './authenticate.ts';
import type { Counters } from './counters.ts';
import { isOver } from './credentials/known-credentials.ts';
import type { Presented, PresentedCredentials, PresentedReason } from './credentials/presented.ts';
import type { AtResource } from './door.ts';
import { type JudgedContext, readCookies } from './request-context.ts';
import type { SnapshotView } from './snapshot-view.ts';

export interface WhoAsksParts {
  readonly authenticator: Authenticator;
  readonly presented: PresentedCredentials;
  readonly counters: Counters;
}

/** Who a request to a resource comes from: by the credential in its fields, where it brings one, else by its session. */
export class WhoAsks {
  readonly #parts: WhoAsksParts;

  constructor(parts: WhoAsksParts) {
    this.#parts = parts;
  }

  /** The credential in its fields. */
  presented(at: AtResource, request: HttpRequest): Presented | undefined {
    const { manis } = readCookies(at.context.connection, request.rawHeaders);
    return this.#parts.presented.of(at, typeof manis !== 'string' && manis.session !== undefined);
  }

  /** Undefined: nobody. A reason where a credential was brought that stands for nobody. */
  of(
    at: AtResource,
    cookies: ManisCookies,
    presented: Presented | undefined,
  ): SignedIn<ResourceClaims> | PresentedReason | undefined {
    if (!presented) return this.#session(cookies, at.context, at.resource.record.id);
    const holder = presented.holder(at.view, at.context.nowUnixMs);
    if (typeof holder === 'string') this.#parts.counters.add('credentials', holder);
    return holder;
  }

  /** Who it is by now, while the request lasts. */
  subjectNow(
    { context, resourceId }: { readonly context: JudgedContext; readonly resourceId: string },
    view: SnapshotView,
    cookies: ManisCookies,
    presented: Presented | undefined,
    nowUnixMs: number,
  ): Subject | undefined {
    if (presented) {
      const holder = presented.holder(view, nowUnixMs);
      return typeof holder === 'string' ? undefined : holder.subject;
    }
    // A session that merely ran out is not asked again: it was good when the request began.
    const signedIn = this.#session(cookies, context, resourceId);
    if (!signedIn) return undefined;
    // But what a credential opened is over when that is.
    const credential = view.credentials.ofId(signedIn.subject.credential?.id ?? '');
    if (credential && isOver(credential.record, nowUnixMs)) return undefined;
    return subjectLater(signedIn.subject, nowUnixMs - context.nowUnixMs);
  }

  /** Outside of the part that a share link opens its holder is nobody. */
  #session(
    cookies: ManisCookies,
    { host, target, nowUnixMs }: JudgedContext,
    resourceId: string,
  ): SignedIn<ResourceClaims> | undefined {
    if (cookies.session === undefined) return undefined;
    const signedIn = this.#parts.authenticator.atResource(cookies.session, host, resourceId, nowUnixMs);
    if (typeof signedIn === 'string') {
      this.#parts.counters.add('sessions', signedIn);
      return undefined;
    }
    const { pathPrefix } = signedIn.claims;
    if (pathPrefix === undefined || isBelow(target, pathPrefix)) return signedIn;
    this.#parts.counters.add('sessions', 'path-outside');
    return undefined;
  }
}

/** As old a proof of identity as it was then: what was fresh enough when the request began is not asked for again. */
function subjectLater(subject: Subject, byMs: number): Subject {
  const { authenticatedAtUnixMs, mfaAtUnixMs } = subject;
  return {
    ...subject,
    authenticatedAtUnixMs: authenticatedAtUnixMs + byMs,
    ...(mfaAtUnixMs !== undefined && { mfaAtUnixMs: mfaAtUnixMs + byMs }),
  };
}
