import {
  AUDIT_REFUSED_HERE,
  AUDIT_SIGNED_IN_HERE,
  AUDIT_SIGNED_OUT_THERE,
  type AuditEvent,
  type JudgedSession,
  type JudgedSignOut,
} from '../core/link/index.ts';
import type { PortalClaims } from '../core/session/index.ts';
import { addressGroup } from '../io/address-group.ts';
import type { AuditLog } from './audit-log.ts';
import { AUDIT_EVERY_MS, MAXIMUM_AUDIT_KINDS, MAXIMUM_USER_AGENT_LENGTH } from './constants.ts';
import type { RequestContext } from './request-context.ts';

export interface AuditedDecision {
  readonly outcome: AuditEvent['outcome'];
  readonly reason: string;
  readonly ruleId?: string | undefined;
  readonly ruleName?: string | undefined;
  /** How whoever asked had signed in. */
  readonly methods?: readonly string[] | undefined;
  /** Every one is recorded, not only the first of its kind. */
  readonly isWhole?: boolean | undefined;
  readonly status: number;
  /** It is over, and this is what went through it: an event of its own kind. */
  readonly carried?: Pick<AuditEvent, 'bytesReceived' | 'bytesSent' | 'durationMs'> | undefined;
  readonly resourceId?: string | undefined;
  readonly userId?: string | undefined;
  /** Of the session that asked; without one, whoever has the client's address asked. */
  readonly sessionId?: string | undefined;
  /** What control has to take over of it. */
  readonly judged?: { readonly session: JudgedSession } | { readonly signOut: JudgedSignOut };
}

/** What follows is the secret of a share link. */
const SECRET_PATH = '/.manis/share/';

type AuditedContext = Pick<
  RequestContext,
  'requestId' | 'nowUnixMs' | 'clientAddressText' | 'method' | 'host' | 'target' | 'place'
>;

/**
 * Turns what happened to a request into an audit event. Of requests of one kind - the same session or address, the same
 * resource, admitted or refused for the same reason - the first in a while is recorded; the counters have the others.
 * A resource may be said to be audited whole.
 */
export class AuditRecorder {
  readonly #log: Pick<AuditLog, 'add'>;
  /** When a kind was last recorded. Kept apart, so that nobody in particular cannot use up the room of users. */
  readonly #users = new RecentKinds('oldest');
  readonly #anonymous = new RecentKinds('newest');

  constructor(log: Pick<AuditLog, 'add'>) {
    this.#log = log;
  }

  /** Gives the id of the request that tells of this one in the audit: its own, or that of the latest of its kind. */
  record(context: AuditedContext, decision: AuditedDecision): string {
    const { outcome, reason, resourceId, sessionId } = decision;
    const what = outcome === 'allow' && !decision.carried ? outcome : `${outcome} ${reason}`;
    const who = sessionId ?? addressGroup(context.clientAddressText);
    const kinds = sessionId === undefined ? this.#anonymous : this.#users;
    const { requestId, nowUnixMs } = context;
    if (decision.isWhole !== true) {
      const told = kinds.tells(`${who} ${resourceId ?? ''} ${what}`, requestId, nowUnixMs);
      if (told !== requestId) return told ?? requestId;
    }
    const event = eventOf(context, decision);
    // The end of a stream is told with the id of its beginning, and is another event.
    this.#log.add(
      decision.carried
        ? { ...event, id: `${event.id}-end`, unixMs: Math.round(event.unixMs + (decision.carried.durationMs ?? 0)) }
        : event,
    );
    return requestId;
  }

  /** A sign-in that was judged here, without control: control reads of it when it is back. */
  recordSignIn(context: AuditedContext & Pick<RequestContext, 'header'>, claims?: PortalClaims): void {
    const refused = { outcome: 'deny', reason: AUDIT_REFUSED_HERE, status: 401 } as const;
    const begun = { outcome: 'allow', reason: AUDIT_SIGNED_IN_HERE, status: 303 } as const;
    this.record(
      context,
      claims
        ? {
            ...begun,
            ...{ userId: claims.subject.userId, sessionId: claims.id, methods: claims.methods },
            judged: { session: judgedSession(claims, context.header('user-agent') ?? '') },
          }
        : refused,
    );
  }

  /** A sign-out at an identity provider that this PoP was told of while control was away: it goes on to control, however late. */
  recordSignOut(context: AuditedContext, signOut: JudgedSignOut, userId: string | undefined): void {
    const decision = { outcome: 'allow', reason: AUDIT_SIGNED_OUT_THERE, status: 503 } as const;
    this.record(context, { ...decision, userId, isWhole: true, judged: { signOut } });
  }

  /** Forgets what was recorded long ago; call now and then. */
  purge(nowUnixMs: number): void {
    this.#users.purge(nowUnixMs);
    this.#anonymous.purge(nowUnixMs);
  }
}

/** Where a secret stands in a path it is not told of. */
function auditedPath(path: string): string {
  return path.startsWith(SECRET_PATH) ? `${SECRET_PATH}...` : path;
}

function eventOf(context: AuditedContext, decision: AuditedDecision): AuditEvent {
  const { ruleName, methods } = decision;
  const country = context.place?.country;
  return {
    id: context.requestId,
    unixMs: context.nowUnixMs,
    requestId: context.requestId,
    resourceId: decision.resourceId ?? null,
    userId: decision.userId ?? null,
    clientAddress: context.clientAddressText,
    method: context.method,
    host: context.host,
    path: auditedPath(context.target.path),
    outcome: decision.outcome,
    reason: decision.reason,
    ruleId: decision.ruleId ?? null,
    ...(ruleName !== undefined && { ruleName }),
    ...(methods !== undefined && { methods }),
    ...(country !== undefined && { country }),
    status: decision.status,
    ...decision.carried,
    ...decision.judged,
  };
}

function judgedSession({ id, epoch, expiresAtUnixMs, via }: PortalClaims, userAgent: string): JudgedSession {
  return {
    ...{ id, epoch, expiresUnixMs: expiresAtUnixMs, userAgent: userAgent.slice(0, MAXIMUM_USER_AGENT_LENGTH) },
    ...(via && { providerId: via.providerId, ...(via.sid !== undefined && { providerSid: via.sid }) }),
  };
}

interface Told {
  readonly unixMs: number;
  readonly requestId: string;
}

/** When each kind was last recorded, the longest ago first. */
class RecentKinds {
  readonly #last = new Map<string, Told>();
  readonly #givesWay: 'oldest' | 'newest';

  /** @param givesWay where there are too many: the oldest is forgotten (and news again), or the newest is no news. */
  constructor(givesWay: 'oldest' | 'newest') {
    this.#givesWay = givesWay;
  }

  /** The request that tells of this kind: this one where it is news; undefined where nothing does and there is no room. */
  tells(kind: string, requestId: string, nowUnixMs: number): string | undefined {
    const last = this.#last.get(kind);
    if (last !== undefined && nowUnixMs - last.unixMs < AUDIT_EVERY_MS) return last.requestId;
    this.#last.delete(kind);
    if (this.#last.size >= MAXIMUM_AUDIT_KINDS && !this.#makeRoom(nowUnixMs)) return undefined;
    this.#last.set(kind, { unixMs: nowUnixMs, requestId });
    return requestId;
  }

  #makeRoom(nowUnixMs: number): boolean {
    this.purge(nowUnixMs);
    if (this.#last.size < MAXIMUM_AUDIT_KINDS) return true;
    if (this.#givesWay === 'newest') return false;
    for (const oldest of this.#last.keys()) return this.#last.delete(oldest);
    return true;
  }

  purge(nowUnixMs: number): void {
    for (const [kind, { unixMs }] of this.#last) {
      if (nowUnixMs - unixMs < AUDIT_EVERY_MS) return;
      this.#last.delete(kind);
    }
  }
}
