/**
 * Text to messages and back. Decoding never throws: it gives the message or a named reason, with the path of the field
 * that is wrong. Encoding is `JSON.stringify`. Signed payloads are decoded here too, after their signature was verified.
 */
import type { Revocation } from '../session/index.ts';
import { capturesShape } from './captured-shape.ts';
import {
  MAX_CONNECTOR_LINE_CHARS,
  MAX_CONTROL_FRAME_CHARS,
  MAX_MESSAGE_DEPTH,
  MAX_PAYLOAD_CHARS,
  MAX_POP_FRAME_CHARS,
  MAX_REASON_CHARS,
  MAX_RECORDS,
  MAX_TEXT_CHARS,
} from './constants.ts';
import { lookedUpShape, lookUpShape } from './domain-questions.ts';
import type { ConnectorEnrolmentResponse, PopEnrolmentResponse } from './enrolment.ts';
import type {
  ConnectorToPop,
  ControlToPop,
  PopToConnector,
  PopToControl,
  PopToPop,
  SnapshotHeader,
} from './messages.ts';
import {
  delegation,
  grantedTarget,
  popFields,
  popLocation,
  record,
  recordReference,
  signedDocument,
  version,
} from './record-shapes.ts';
import type { LinkRecord, SiteGrant } from './records.ts';
import { replayedShape, replayShape } from './replay-messages.ts';
import { requestsShape } from './request-record.ts';
import {
  boolean,
  type Check,
  deeperThan,
  finite,
  id,
  integer,
  line,
  list,
  notNegative,
  nullOr,
  object,
  oneOf,
  optional,
  string,
  tagged,
} from './shape.ts';
import { certificateProblems } from './shapes-of-certificates.ts';

export type DecodeRefusal = 'too-long' | 'not-json' | 'too-deep' | 'unknown-type' | 'malformed-field';

export type Decoded<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly reason: DecodeRefusal; readonly path: string };

/** How deep records lie in a message: it, and its list. */
const RECORD_DEPTH = 2;
const unixMs = integer();
const signature = string(128);
const nonce = string(64);
const records = list(record, MAX_RECORDS);

const takes = optional(list(string(64), 64));
const position: Check = object({ epoch: integer(), sequence: integer() });
const atUnixMs = integer();
const revocation: Check = tagged('kind', {
  session: object({ sessionId: id, userId: line(), atUnixMs, expiresAtUnixMs: integer() }),
  user: object({ userId: line(), minimumEpoch: integer(), atUnixMs }),
  credential: object({ credentialId: id, minimumVersion: integer(), atUnixMs }),
  provider: object({ providerId: id, sid: optional(line()), userId: optional(id), atUnixMs }),
  resource: object({ resourceId: id, atUnixMs }),
  key: object({ keyId: id, atUnixMs }),
});

const controlToPop = {
  challenge: object({ controlId: id, nonce, delegation }),
  welcome: object({
    ...{ signature, linkSecret: string(64), caPem: string(MAX_TEXT_CHARS) },
    takes,
  }),
  snapshot: object({ header: signedDocument, records }),
  delta: object({ header: signedDocument, put: records, remove: list(recordReference, MAX_RECORDS) }),
  revocations: object({ position, entries: list(revocation, MAX_RECORDS) }),
  auditStored: object({ ids: list(id) }),
  pops: object({ heard: list(id) }),
  replay: replayShape,
  lookUp: lookUpShape,
  signIns: object({
    whole: boolean,
    put: list(object({ sessionId: line(), userId: id, address: line(64), atUnixMs: unixMs }), MAX_RECORDS),
    remove: list(line(), MAX_RECORDS),
  }),
  draining: object({}),
  ping: object({ unixMs }),
} satisfies Record<ControlToPop['type'], Check>;

const attachedConnector: Check = object({
  connectorId: id,
  state: oneOf('up', 'suspect', 'down'),
  path: oneOf('udp', 'tls', 'relay'),
  ...{ relayPopId: nullOr(id), rttMs: nullOr(notNegative), sinceUnixMs: unixMs, endpoint: nullOr(line()) },
  ...{ loss: optional(notNegative), software: optional(line()), isLinked: optional(boolean) },
});

const judgedSession = object({
  ...{ id, epoch: integer(), expiresUnixMs: unixMs, userAgent: string() },
  ...{ providerId: optional(id), providerSid: optional(line()) },
});

const auditEvent: Check = object({
  id,
  unixMs,
  requestId: string(),
  resourceId: nullOr(id),
  userId: nullOr(line()),
  clientAddress: string(),
  method: string(),
  host: string(),
  path: string(MAX_TEXT_CHARS),
  outcome: oneOf('allow', 'deny', 'challenge', 'error'),
  reason: string(),
  ruleId: nullOr(id),
  ruleName: optional(string()),
  methods: optional(list(string(), 32)),
  country: optional(string(2)),
  status: integer(0, 999),
  session: optional(judgedSession),
  signOut: optional(object({ providerId: id, sid: optional(line()), subject: optional(line()) })),
  bytesReceived: optional(integer()),
  bytesSent: optional(integer()),
  durationMs: optional(integer()),
});

/** What a code of a target's health is written like, whatever newer peers invent. */
const REASON_TEXT = /^[a-z]+(-[a-z0-9]+)*$/;
const reason: Check = (value, path) =>
  typeof value === 'string' && value.length <= MAX_REASON_CHARS && REASON_TEXT.test(value) ? undefined : path;
const wayState = { state: oneOf('unknown', 'healthy', 'unhealthy'), reason, sinceUnixMs: unixMs } as const;

const port = integer(1, 65_535);
const load = { connections: integer(), capacity: integer(), cpu: notNegative } as const;
const streamPorts = object({ transport: oneOf('tcp', 'udp'), first: port, last: port, state: reason });

const popToControl = {
  prove: object({ popId: id, nonce, signature, have: nullOr(version), revocations: position, software: line(), takes }),
  applied: object({ version }),
  resync: object({ reason: line() }),
  revocationsApplied: object({ position }),
  status: object({
    connectors: list(attachedConnector),
    draining: optional(boolean),
    clockSkewMs: optional(finite),
    certificates: optional(certificateProblems),
    load: optional(object({ ...load, memoryBytes: integer() })),
    streams: optional(list(streamPorts)),
  }),
  targets: object({ whole: boolean, status: list(object({ connectorId: id, targetId: id, ...wayState })) }),
  audit: object({ events: list(auditEvent) }),
  requests: object(requestsShape),
  captures: capturesShape,
  replayed: replayedShape,
  lookedUp: lookedUpShape,
  pong: object({ unixMs }),
} satisfies Record<PopToControl['type'], Check>;

const connectorToPop = {
  hello: object({ software: line(), have: nullOr(version) }),
  targets: object({
    status: list(object({ targetId: id, ...wayState })),
  }),
  draining: object({ endsInMs: integer() }),
} satisfies Record<ConnectorToPop['type'], Check>;

const popToConnector = {
  grant: object({ signed: signedDocument }),
  reach: object({
    whole: boolean,
    unixMs: optional(integer()),
    gone: list(id),
    pops: list(
      object({
        popId: id,
        rttMs: nullOr(notNegative),
        draining: boolean,
        utilisation: nullOr(notNegative),
        tunnels: integer(),
      }),
    ),
  }),
} satisfies Record<PopToConnector['type'], Check>;

const popToPop = {
  hello: object({ popId: id, software: line() }),
  attached: object({
    sequence: integer(),
    whole: boolean,
    put: list(object({ connectorId: id, rttMs: nullOr(notNegative), draining: boolean })),
    remove: list(id),
  }),
  report: object({
    sequence: integer(),
    draining: boolean,
    load: object(load),
    hears: optional(object({ put: list(id), remove: list(id) })),
    prefixes: optional(list(object({ prefix: line(64), rttMs: notNegative, samples: integer() }))),
  }),
} satisfies Record<PopToPop['type'], Check>;

const snapshotHeader = object({
  popId: id,
  from: nullOr(version),
  to: version,
  stateHash: string(64),
  issuedUnixMs: unixMs,
  expiresUnixMs: unixMs,
});

const siteGrant = object({
  siteId: id,
  version,
  ...{ portalHost: optional(string()), publishing: optional(object({ key: string(64) })) },
  examine: optional(list(object({ connectorId: id, asked: integer() }))),
  pops: list(object(popFields)),
  targets: list(grantedTarget),
});

const endpoints = list(string(), 64);
const popEnrolmentResponse = object({
  popId: id,
  name: string(),
  location: popLocation,
  rootKey: string(64),
  linkUrls: endpoints,
});
const connectorEnrolmentResponse = object({ connectorId: id, siteId: id, rootKey: string(64), grant: signedDocument });

export const decodeControlToPop = (text: string): Decoded<ControlToPop> =>
  decodeTagged(text, MAX_CONTROL_FRAME_CHARS, controlToPop);
export const decodePopToControl = (text: string): Decoded<PopToControl> =>
  decodeTagged(text, MAX_POP_FRAME_CHARS, popToControl);
export const decodeConnectorToPop = (text: string): Decoded<ConnectorToPop> =>
  decodeTagged(text, MAX_CONNECTOR_LINE_CHARS, connectorToPop);
export const decodePopToConnector = (text: string): Decoded<PopToConnector> =>
  decodeTagged(text, MAX_CONNECTOR_LINE_CHARS, popToConnector);
export const decodePopToPop = (text: string): Decoded<PopToPop> =>
  decodeTagged(text, MAX_CONNECTOR_LINE_CHARS, popToPop);
export const decodeSnapshotHeader = (text: string): Decoded<SnapshotHeader> => decode(text, 4096, snapshotHeader);
export const decodeSiteGrant = (text: string): Decoded<SiteGrant> => decode(text, MAX_PAYLOAD_CHARS, siteGrant);
export const decodePopEnrolmentResponse = (text: string): Decoded<PopEnrolmentResponse> =>
  decode(text, MAX_TEXT_CHARS, popEnrolmentResponse);
export const decodeConnectorEnrolmentResponse = (text: string): Decoded<ConnectorEnrolmentResponse> =>
  decode(text, MAX_CONNECTOR_LINE_CHARS, connectorEnrolmentResponse);

/** The path of what PoPs would refuse in a record. One such record would end every link that it is sent over. */
export function faultInRecord(value: LinkRecord): string | undefined {
  return deeperThan(value, MAX_MESSAGE_DEPTH - RECORD_DEPTH) ? 'too-deep' : record(value, '');
}

/** The same for a revocation. */
export function faultInRevocation(value: Revocation): string | undefined {
  return revocation(value, '');
}

/** Text of one frame or line. JSON escapes line breaks, so a line holds one message. */
export function encodeMessage(
  message: ControlToPop | PopToControl | ConnectorToPop | PopToConnector | PopToPop,
): string {
  return JSON.stringify(message);
}

function decodeTagged<Value>(
  text: string,
  maxChars: number,
  variants: Readonly<Record<string, Check>>,
): Decoded<Value> {
  return decode(text, maxChars, tagged('type', variants), 'type');
}

function decode<Value>(text: string, maxChars: number, check: Check, tag?: string): Decoded<Value> {
  if (text.length > maxChars) return { ok: false, reason: 'too-long', path: '' };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, reason: 'not-json', path: '' };
  }
  if (deeperThan(value, MAX_MESSAGE_DEPTH)) return { ok: false, reason: 'too-deep', path: '' };
  const wrong = check(value, '');
  if (wrong === undefined) return { ok: true, value: value as Value };
  return { ok: false, reason: wrong === tag ? 'unknown-type' : 'malformed-field', path: wrong };
}
