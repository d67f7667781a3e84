/** Shapes of records and of what they hold. A resource's policy is judged by `core/policy`, which owns its language. */
import { captureSettings } from './captured-shape.ts';
import { MAX_PAYLOAD_CHARS, MAX_TEXT_CHARS } from './constants.ts';
import {
  anyObject,
  boolean,
  type Check,
  finite,
  id,
  integer,
  list,
  object,
  oneOf,
  optional,
  string,
  tagged,
  textValues,
} from './shape.ts';
import { ACCESS_SHAPES, identities, memberships, passkeys } from './shapes-of-access.ts';
import { CERTIFICATE_SHAPES } from './shapes-of-certificates.ts';
import { EDGE_SHAPES } from './shapes-of-edge.ts';
import { streamResource } from './shapes-of-streams.ts';

const DAY_MS = 86_400_000;
const unixMs = integer();
const port = integer(1, 65535);
const endpoints = list(string(), 64);

export const version: Check = object({ epoch: integer(), revision: integer() });

export const delegation: Check = object({
  controlId: id,
  signingKey: string(64),
  notAfterUnixMs: unixMs,
  signature: string(128),
});

export const signedDocument: Check = object({
  payload: string(MAX_PAYLOAD_CHARS),
  keyId: id,
  signature: string(128),
  delegation,
});

export const popLocation: Check = object({
  name: string(),
  latitude: (value, path) => finite(value, path) ?? (Math.abs(value as number) <= 90 ? undefined : path),
  longitude: (value, path) => finite(value, path) ?? (Math.abs(value as number) <= 180 ? undefined : path),
});

/** What a snapshot's PoP record and a grant's PoP share. */
export const popFields = {
  id,
  name: string(),
  location: popLocation,
  wireguardKey: string(64),
  overlayAddress: string(64),
  udpEndpoints: endpoints,
  httpsEndpoints: endpoints,
  draining: optional(boolean),
} as const;

const pem = string(MAX_TEXT_CHARS);
const tlsFields = { serverName: optional(string()), verify: boolean, caPem: optional(pem) } as const;
const targetTls: Check = object({
  ...tlsFields,
  clientCertificate: optional(object({ chainPem: pem, keyPem: pem })),
});

const target: Check = object({
  id,
  siteId: id,
  overlayPort: port,
  scheme: oneOf('http', 'https'),
  hostHeader: optional(string()),
  protocol: optional(oneOf('h2')),
  tls: optional(targetTls),
  priority: integer(0, 1000),
  weight: integer(0, 1_000_000),
});

const share: Check = (value, path) =>
  finite(value, path) ?? ((value as number) >= 0 && (value as number) <= 1 ? undefined : path);

const balance: Check = object({
  balancing: oneOf('round-robin', 'least-latency'),
  sticky: oneOf('none', 'cookie', 'client-address'),
  panicThreshold: share,
});

const status = integer(100, 999);
/** Timers of Node end at 25 days: what is longer would fire at once. */
const period = integer(100, DAY_MS);
const timing = {
  intervalMs: period,
  unhealthyIntervalMs: period,
  timeoutMs: period,
  healthyThreshold: integer(1),
  unhealthyThreshold: integer(1),
} as const;

const check: Check = tagged('kind', {
  tcp: object(timing),
  http: object({
    ...timing,
    method: string(32),
    path: string(),
    host: string(),
    headers: textValues,
    expected: list(object({ from: status, to: status }), 64),
    tls: optional(object({ ...tlsFields, onlyHandshake: optional(boolean) })),
    protocol: optional(oneOf('h2')),
  }),
});

/** A target as a site's grant names it. */
export const grantedTarget: Check = object({
  id,
  overlayPort: port,
  host: string(),
  port,
  transport: optional(oneOf('unix', 'udp')),
  ports: optional(integer(1, 65_535)),
  check: optional(check),
});

export const record: Check = tagged('kind', {
  installation: object({
    id: oneOf('installation'),
    organisationId: id,
    organisationName: string(),
    portalHost: string(),
    publicPort: port,
    sessionIdleMs: integer(),
    sessionAbsoluteMs: integer(),
    stalenessMs: integer(),
    dnsZone: optional(string()),
    certificateIssuers: optional(list(string(), 16)),
  }),
  control: object({ id, signingKey: string(64), url: optional(string()) }),
  pop: object({ ...popFields, signingKey: string(64), createdUnixMs: optional(integer()) }),
  connector: object({
    id,
    name: string(),
    siteId: id,
    wireguardKey: string(64),
    overlayAddress: string(64),
    draining: optional(boolean),
  }),
  device: object({
    id,
    name: string(),
    siteId: id,
    wireguardKey: string(64),
    overlayAddress: string(64),
    popId: optional(id),
    targets: list(object({ id, address: string(64), port })),
  }),
  resource: object({
    id,
    organisationId: optional(id),
    name: string(),
    host: string(),
    enabled: boolean,
    policy: anyObject,
    targets: list(target),
    providerId: optional(id),
    balance: optional(balance),
    auditsAll: optional(boolean),
    logs: optional(oneOf('refused', 'none')),
    capture: optional(captureSettings),
    access: optional(boolean),
  }),
  user: object({
    id,
    email: string(),
    name: string(),
    roles: list(string()),
    memberships: optional(memberships),
    disabled: boolean,
    identities: optional(identities),
    passkeys: optional(passkeys),
    asksFactor: optional(boolean),
    seesConsole: optional(boolean),
  }),
  siteGrant: object({ id, signed: signedDocument }),
  ...CERTIFICATE_SHAPES,
  streamResource: streamResource(balance),
  ...EDGE_SHAPES,
  ...ACCESS_SHAPES,
});

export const recordReference: Check = object({
  kind: oneOf(
    ...['installation', 'control', 'pop', 'connector', 'device', 'resource', 'streamResource', 'user', 'siteGrant'],
    ...Object.keys(CERTIFICATE_SHAPES),
    ...Object.keys(EDGE_SHAPES),
    ...Object.keys(ACCESS_SHAPES),
  ),
  id,
});
