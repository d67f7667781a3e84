/**
 * Every message between a PoP and control (WebSocket over TLS, one JSON object per text frame), and, inside the tunnels
 * and one JSON object per line, between a connector and a PoP (`CONNECTOR_LINK_PORT`) and between two PoPs
 * (`POP_LINK_PORT`).
 *
 *     PoP                                     control
 *      |  <-- challenge ---------------------  |   nonce, who I am, delegation
 *      |  --- prove ------------------------>  |   popId, signature over nonce and TLS exporter, version it has
 *      |  <-- welcome ----------------------   |   signature over the PoP's nonce, link secret
 *      |  <-- snapshot | delta | revocations   |
 *      |  --- applied | status | audit ----->  |
 */

import type { CapturedRequest } from '../capture/index.ts';
import type { WayState } from '../routing/index.ts';
import type { Revocation, StreamPosition } from '../session/index.ts';
import type { AuditEvent } from './audit-event.ts';
import type { DomainAnswer, DomainQuestion } from './domain-questions.ts';
import type { HeardPopsNews } from './heard-pops.ts';
import type { Delegation, LinkRecord, RecordKind, SignedDocument, SnapshotVersion } from './records.ts';
import type { CertificateProblem } from './records-of-certificates.ts';
import type { ReplayedMessage, ReplayMessage } from './replay-messages.ts';
import type { ResourceTraffic, SentRequest } from './request-record.ts';

/** TCP port on a PoP's overlay address where a connector opens its link. */
export const CONNECTOR_LINK_PORT = 1;
/** TCP port on a PoP's overlay address where another PoP opens its link; heartbeats have UDP port 2. */
export const POP_LINK_PORT = 3;

export type ControlToPop =
  | {
      readonly type: 'challenge';
      readonly controlId: string;
      /** 32 random bytes, base64url. */
      readonly nonce: string;
      readonly delegation: Delegation;
    }
  | {
      readonly type: 'welcome';
      /** Over `manis link control v1 \0 popNonce \0 exporter`, base64url. */
      readonly signature: string;
      /** Authenticates this PoP's HTTP requests to control while the link lives (header `x-manis-link`). */
      readonly linkSecret: string;
      /** Certificates (PEM) that control's HTTPS certificate chains to, for those requests. */
      readonly caPem: string;
      /** Kinds of messages that older control nodes do not know, and that this one takes. */
      readonly takes?: readonly string[];
    }
  | { readonly type: 'snapshot'; readonly header: SignedDocument; readonly records: readonly LinkRecord[] }
  | {
      readonly type: 'delta';
      readonly header: SignedDocument;
      readonly put: readonly LinkRecord[];
      readonly remove: readonly { readonly kind: RecordKind; readonly id: string }[];
    }
  /**
   * Every revocation after the position that the PoP has, as far as it can still matter, and the position that they lead
   * to: `RevocationTable.merge({ position, revocations: entries, folded: [] })`. Sent once after the welcome, then with
   * each new revocation.
   */
  | { readonly type: 'revocations'; readonly position: StreamPosition; readonly entries: readonly Revocation[] }
  /** These audit events are on control's disk; the PoP need not send them again. */
  | { readonly type: 'auditStored'; readonly ids: readonly string[] }
  /** PoPs that the control nodes hear. Sent when it changes and every few seconds: control's vote on who is alive. */
  | { readonly type: 'pops'; readonly heard: readonly string[] }
  /** Look these up as they are seen from where the PoP is, and say what there is under the same id. */
  | { readonly type: 'lookUp'; readonly id: string; readonly questions: readonly DomainQuestion[] }
  /**
   * Who signed in from which address, where policies of connections ask. `whole`: forget the others. Sent when it is first
   * asked for and after the link opened, then what is new and what was revoked.
   */
  | {
      readonly type: 'signIns';
      readonly whole: boolean;
      readonly put: readonly SignInFact[];
      /** Ids of sessions. */
      readonly remove: readonly string[];
    }
  /** Only where `prove.takes` names it. */
  | ReplayMessage
  /** This control node is about to stop: open a link to another one and leave this one when that is open. */
  | { readonly type: 'draining' }
  | { readonly type: 'ping'; readonly unixMs: number };

export type PopToControl =
  | {
      readonly type: 'prove';
      readonly popId: string;
      /** 32 random bytes, base64url. */
      readonly nonce: string;
      /** Over `manis link pop v1 \0 controlNonce \0 exporter`, base64url. */
      readonly signature: string;
      readonly have: SnapshotVersion | null;
      /** How far into the stream of revocations it is. */
      readonly revocations: StreamPosition;
      readonly software: string;
      /** Kinds of messages that older PoPs do not know, and that this one takes. */
      readonly takes?: readonly string[];
    }
  | { readonly type: 'applied'; readonly version: SnapshotVersion }
  /** The snapshot or delta did not fit or did not verify: send the whole. */
  | { readonly type: 'resync'; readonly reason: string }
  | { readonly type: 'revocationsApplied'; readonly position: StreamPosition }
  | {
      readonly type: 'status';
      readonly connectors: readonly AttachedConnector[];
      /** It takes no new work: it is about to stop, or an administrator asked. Left out: no. */
      readonly draining?: boolean;
      /** How far its clock is ahead of control's, where that is too much. */
      readonly clockSkewMs?: number;
      readonly certificates?: readonly CertificateProblem[];
      /** How busy it is: what other PoPs are told for steering, and its memory. */
      readonly load?: PopLoad & { readonly memoryBytes: number };
      /** The ports of resources that are no HTTP, all of them. Left out: as they were. */
      readonly streams?: readonly StreamPortStatus[];
    }
  /**
   * How the ways to targets are, as this PoP finds them. Everything after the link opened, in several messages where it is
   * much (`whole`: forget what was known before), then what changed.
   */
  | { readonly type: 'targets'; readonly whole: boolean; readonly status: readonly WayStatus[] }
  | { readonly type: 'audit'; readonly events: readonly AuditEvent[] }
  /**
   * Requests of the log, and what traffic was like in the second before `unixMs`. `lost`: how many requests of that second
   * are not told of. Only where `welcome.takes` names it.
   */
  | {
      readonly type: 'requests';
      readonly unixMs: number;
      readonly lost: number;
      readonly records: readonly SentRequest[];
      readonly traffic: readonly ResourceTraffic[];
    }
  /** Requests whose resources ask for that, secrets hidden. May lose some. Only where `welcome.takes` names it. */
  | { readonly type: 'captures'; readonly records: readonly CapturedRequest[] }
  | ReplayedMessage
  | { readonly type: 'lookedUp'; readonly id: string; readonly answers: readonly DomainAnswer[] }
  /** Answers `ping` with its time. */
  | { readonly type: 'pong'; readonly unixMs: number };

/** The signed header of a snapshot or a delta (payload of `header`). */
export interface SnapshotHeader {
  readonly popId: string;
  /** null: a whole snapshot. */
  readonly from: SnapshotVersion | null;
  readonly to: SnapshotVersion;
  /** SHA-256 over the records after applying, see `snapshot.ts`; base64url. */
  readonly stateHash: string;
  readonly issuedUnixMs: number;
  readonly expiresUnixMs: number;
}

/** Somebody signed in at the portal. */
export interface SignInFact {
  /** Of the portal session. */
  readonly sessionId: string;
  readonly userId: string;
  readonly address: string;
  readonly atUnixMs: number;
}

/** How it is with ports that resources want on a PoP; `open`, or why not. */
export interface StreamPortStatus {
  readonly transport: 'tcp' | 'udp';
  readonly first: number;
  readonly last: number;
  readonly state: string;
}

/** A connector or device that a PoP reaches, or did. */
export interface AttachedConnector {
  /** Of a device, its id; it has no other path than `udp`, and `sinceUnixMs` is the time of its last handshake. */
  readonly connectorId: string;
  /** Of the path that packets take. */
  readonly state: 'up' | 'suspect' | 'down';
  /** How packets travel: directly over UDP or TLS, or through another PoP. */
  readonly path: 'udp' | 'tls' | 'relay';
  /** The PoP in between, where there is one. */
  readonly relayPopId: string | null;
  readonly rttMs: number | null;
  readonly sinceUnixMs: number;
  readonly endpoint: string | null;
  /** Share of heartbeats that got lost on the path, 0 to 1. Left out: none, or a device. */
  readonly loss?: number;
  /** What the connector runs, as it said within the tunnel. Left out: it did not. */
  readonly software?: string;
  /** Its link within the tunnel is open: it hears what changes. Left out: no, or a device. */
  readonly isLinked?: true;
}

export type ConnectorToPop =
  | { readonly type: 'hello'; readonly software: string; readonly have: SnapshotVersion | null }
  /** Of every target that it checks when the link opens, then of those that changed. */
  | { readonly type: 'targets'; readonly status: readonly TargetStatus[] }
  /**
   * It is about to stop: send new streams to others. Streams that are open then are cut after `endsInMs`. Holds until
   * the connector opens its next link.
   */
  | { readonly type: 'draining'; readonly endsInMs: number };

export type PopToConnector =
  | { readonly type: 'grant'; readonly signed: SignedDocument }
  /**
   * The PoPs that this one hears, itself included: a connector that lost its tunnel to one of them may reach it through
   * the sender. `whole`: forget the others; else what is new, and who is not heard any more.
   */
  | ({ readonly type: 'reach' } & HeardPopsNews);

/** How a PoP finds a target through a connector: its tunnel, the connector's checks and its own requests together. */
export interface WayStatus extends TargetStatus {
  readonly connectorId: string;
}

/** How a connector finds a target of its site. */
export interface TargetStatus extends WayState {
  readonly targetId: string;
}

/**
 * What PoPs tell one another, both ways, over a stream that the PoP with the lower overlay address opens. It needs no
 * control node. `sequence` grows by one with each message of a kind over one stream; a new stream begins with the whole.
 */
export type PopToPop =
  | { readonly type: 'hello'; readonly popId: string; readonly software: string }
  /**
   * Which connectors and WireGuard devices have a tunnel to me that is up: the way to them may lead through me. `whole`:
   * forget the others.
   */
  | {
      readonly type: 'attached';
      readonly sequence: number;
      readonly whole: boolean;
      readonly put: readonly {
        /** Of a device, its id. */
        readonly connectorId: string;
        readonly rttMs: number | null;
        /** It said that it is about to stop: new streams go elsewhere. */
        readonly draining: boolean;
      }[];
      readonly remove: readonly string[];
    }
  | ({ readonly type: 'report'; readonly sequence: number } & PopReportNews);

/** How a PoP is, in its own words: believed for steering, never for access. */
export interface PopReport {
  /** It takes no new work. */
  readonly draining: boolean;
  readonly load: PopLoad;
  /** PoPs whose tunnel to it is up, so that one bad link does not take a PoP out. */
  readonly hears: readonly string[];
  /** Round trips that it measured to prefixes of clients, the most used first. */
  readonly prefixes: readonly PrefixRtt[];
}

/** The same as it is said: every second, so it is short. */
export interface PopReportNews {
  readonly draining: boolean;
  readonly load: PopLoad;
  /** Whom it hears now and did not at the report before over the same stream, and the other way round. Left out: nothing new. */
  readonly hears?: { readonly put: readonly string[]; readonly remove: readonly string[] };
  /** A few, every few seconds. */
  readonly prefixes?: readonly PrefixRtt[];
}

export interface PopLoad {
  /** Open connections of clients. */
  readonly connections: number;
  /** Connections that it is built for. */
  readonly capacity: number;
  /** Share of one core that its process uses, 0 to 1. */
  readonly cpu: number;
}

/** Smoothed handshake round trip from a PoP to the clients of a prefix (IPv4 /24, IPv6 /48). */
export interface PrefixRtt {
  /** `192.0.2.0/24`, `2001:db8::/48`. */
  readonly prefix: string;
  readonly rttMs: number;
  readonly samples: number;
}
