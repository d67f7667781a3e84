// biome-ignore-all lint/suspicious/noThenProperty: a rule is written when and then; it is an object, so nothing awaits it
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import { type AddressInfo, connect, type Server as NetServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TLSSocket, connect as tlsConnect } from 'node:tls';
import { toBase64Url } from '../base/index.ts';
import {
  type ConnectorRecord,
  delegate,
  type LinkRecord,
  type PopToControl,
  type ResourceRecord,
  type Signer,
  SnapshotState,
  type StreamListen,
  type StreamResourceRecord,
  signDocument,
  type TargetRecord,
  type UserRecord,
} from '../core/link/index.ts';
import type { Policy } from '../core/policy/index.ts';
import {
  issuePopPortalSession,
  issueSessionToken,
  newId,
  type PortalClaims,
  type ResourceClaims,
  type Revocation,
  RevocationTable,
  SESSION_COOKIE,
} from '../core/session/index.ts';
import type { CertificatePaths } from '../io/certificate-files.ts';
import { issueLeaf, type Leaf, type LocalCa, openLocalCa } from '../io/certificates.ts';
import type { ConnectionRates } from '../io/connection-rates.ts';
import type { CarrierDoor } from '../io/https-server.ts';
import { type Identity, loadIdentity } from '../io/identity.ts';
import type { OpenLink } from '../io/link-attempt.ts';
import { createLinkSigner, createSigningPort } from '../io/link-crypto.ts';
import { createLog, type Log } from '../io/log.ts';
import { createRandom } from '../io/random.ts';
import { NodeSessionCrypto } from '../io/session-crypto.ts';
import type { TrustedProxies } from '../pop/client-facts.ts';
import { type Destination, DialFailure, type TargetDialer } from '../pop/dialer.ts';
import type { DrainTimes } from '../pop/drain.ts';
import type { LoadSource } from '../pop/overload.ts';
import type { PopTracing } from '../pop/request-observers.ts';
import { type LinkEvents, type PopLink, type RunningPop, startPop } from '../pop/start-pop.ts';
import type { StreamOptions } from '../pop/streams/open-streams.ts';
import { VirtualClock } from './virtual-clock.ts';

export const PORTAL_HOST = 'manis.localhost';
export const APP_HOST = 'app.manis.localhost';
export const SIGNED_IN: Policy = {
  rules: [
    {
      id: 'everyone',
      name: 'Everyone',
      enabled: true,
      when: { all: [] },
      then: { kind: 'authenticate', anyOf: 'signed-in' },
    },
  ],
};
export const PUBLIC: Policy = {
  rules: [{ id: 'public', name: 'Public', enabled: true, when: { all: [] }, then: { kind: 'bypass' } }],
};

const HOUR_MS = 3_600_000;
const crypto = new NodeSessionCrypto();

/** Dials loopback in place of the overlay: `port` is the port of a local server. */
export class LoopbackDialer implements TargetDialer {
  openDatagrams?: NonNullable<TargetDialer['openDatagrams']>;
  /** By overlay address; `up` when absent. */
  readonly states = new Map<string, 'up' | 'suspect' | 'down'>();
  /** Addresses that are reached through another PoP. */
  readonly relayed = new Set<string>();
  /** The local port that stands for an address, whatever port is asked for. */
  readonly redirected = new Map<string, number>();
  readonly draining = new Set<string>();
  /** Devices whose PoP is lost. */
  readonly popLost = new Set<string>();
  readonly dialled: string[] = [];
  /** Addresses that answer nothing. */
  readonly silent = new Set<string>();
  /** Addresses that take as long as they like: nothing is heard, not even that. */
  readonly hanging = new Set<string>();

  state(overlayAddress: string): 'up' | 'suspect' | 'down' {
    return this.states.get(overlayAddress) ?? 'up';
  }

  isDraining(overlayAddress: string): boolean {
    return this.draining.has(overlayAddress);
  }

  isRelayed(overlayAddress: string): boolean {
    return this.relayed.has(overlayAddress);
  }

  isPopLost(overlayAddress: string): boolean {
    return this.popLost.has(overlayAddress);
  }

  async connect({ overlayAddress, port, behind }: Destination & { timeoutMs: number }): Promise<Socket> {
    if (behind === '' || this.state(overlayAddress) === 'down')
      throw new DialFailure('no-path', 'no tunnel leads there');
    this.dialled.push(overlayAddress);
    if (this.hanging.has(overlayAddress)) return new Promise<Socket>(() => undefined);
    if (this.silent.has(overlayAddress)) throw new DialFailure('target-timed-out', 'nothing was heard');
    const to = this.redirected.get(overlayAddress) ?? port;
    const socket = connect({ host: '127.0.0.1', port: to, allowHalfOpen: true, noDelay: true });
    try {
      await once(socket, 'connect');
    } catch (error) {
      throw new DialFailure('target-refused', `nothing listens on ${port}`, error);
    }
    return socket;
  }
}

/** A link within the process: what the world publishes arrives, what the PoP says is kept. */
class LoopbackLink implements PopLink {
  link: OpenLink | undefined;
  readonly sent: PopToControl[] = [];
  readonly events: LinkEvents;

  constructor(events: LinkEvents) {
    this.events = events;
  }

  start(): void {}

  stop(): void {}

  send(message: PopToControl): boolean {
    this.sent.push(message);
    return this.link !== undefined;
  }

  open(link: OpenLink): void {
    this.link = link;
    this.events.opened(link);
  }

  close(): void {
    this.link = undefined;
    this.events.ended('silent', 'the test said so');
  }
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  readonly body: string;
}

export interface PopWorldOptions {
  readonly certificateFiles?: readonly CertificatePaths[];
  readonly redirect?: boolean;
  readonly drain?: DrainTimes;
  /** In place of loopback. */
  readonly dialer?: TargetDialer;
  readonly carrier?: CarrierDoor;
  /** In place of none. */
  readonly log?: Log;
  readonly proxies?: TrustedProxies;
  readonly connectionRates?: ConnectionRates;
  readonly load?: LoadSource;
  readonly streams?: StreamOptions;
  readonly tracing?: PopTracing;
}

/** A whole PoP on loopback with a root key, a control key and a CA of its own, and no control behind it. */
export class PopWorld {
  readonly clock = new VirtualClock(1000, Date.now());
  readonly dialer = new LoopbackDialer();
  #options: PopWorldOptions = {};
  readonly #cleanups: (() => unknown)[] = [];
  readonly #portLooks = new Set<() => void>();
  readonly #root = signer();
  readonly #control = signer();
  readonly #records = new Map<string, LinkRecord>();
  #revision = 0;
  #revocations = 0;
  #state: SnapshotState | undefined;
  dataDir = '';
  pop!: RunningPop;
  link!: LoopbackLink;
  ca!: LocalCa;
  leaf!: Leaf;
  identity!: Identity;
  agent!: Agent;

  static async start(options: PopWorldOptions = {}): Promise<PopWorld> {
    const world = new PopWorld();
    world.#options = options;
    world.dataDir = await mkdtemp(join(tmpdir(), 'manis-pop-'));
    world.#cleanups.push(() => rm(world.dataDir, { recursive: true, force: true }));
    const random = createRandom();
    world.ca = await openLocalCa(world.dataDir, world.clock.unixMs(), random);
    const names = { dns: [PORTAL_HOST, `*.${PORTAL_HOST}`], ip: ['127.0.0.1'] };
    world.leaf = issueLeaf(world.ca, names, world.clock.unixMs(), random);
    world.identity = await loadIdentity(world.dataDir);
    await world.startPop(options.redirect ?? false, options.drain);
    world.agent = new Agent({ keepAlive: true, ca: world.ca.certificatePem });
    world.#cleanups.push(() => world.agent.destroy());
    return world;
  }

  /** Starts the PoP over what its data directory holds. */
  async startPop(redirect = false, drain?: DrainTimes): Promise<void> {
    this.pop = await startPop({
      dataDir: this.dataDir,
      popId: 'pop-1',
      identity: this.identity,
      rootKey: this.#root.publicKey,
      crypto,
      dialer: this.#options.dialer ?? this.dialer,
      ...(this.#options.carrier && { carrier: this.#options.carrier }),
      ...(this.#options.proxies && { proxies: this.#options.proxies }),
      ...(this.#options.connectionRates && { connectionRates: this.#options.connectionRates }),
      ...(this.#options.load && { load: this.#options.load }),
      clock: this.clock,
      random: createRandom(),
      log: this.#options.log ?? createLog({ level: 'silent' }),
      https: [{ host: '127.0.0.1', port: 0 }],
      ...(this.#options.tracing && { tracing: this.#options.tracing }),
      ...(this.#options.streams && { streams: this.#options.streams }),
      streamsChanged: () => {
        for (const look of this.#portLooks) look();
      },
      ...(drain && { drain }),
      ...(this.#options.certificateFiles && { certificateFiles: this.#options.certificateFiles }),
      ...(redirect && { httpRedirect: { host: '127.0.0.1', port: 0 } }),
      openLink: (events) => {
        this.link = new LoopbackLink(events);
        return this.link;
      },
    });
  }

  get port(): number {
    return this.pop.https[0]?.port ?? 0;
  }

  async stop(): Promise<void> {
    this.agent.destroy();
    await this.pop.stop(0);
    for (const cleanup of this.#cleanups.reverse()) await cleanup();
  }

  /** The last way to a connector is gone, or one is back. */
  cut(overlayAddress: string): void {
    this.dialer.states.set(overlayAddress, 'down');
    this.pop.connectorLost(overlayAddress);
  }

  mend(overlayAddress: string): void {
    this.dialer.states.delete(overlayAddress);
  }

  /** Waits until a port of resources is in a state; undefined: nobody wants it. Throws where it is refused for another. */
  async portIs(transport: 'tcp' | 'udp', port: number, state: string | undefined): Promise<void> {
    const now = () =>
      this.pop.streamPorts().find((each) => each.transport === transport && isWithin(port, each))?.state;
    if (now() === state) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const look = () => {
      const found = now();
      if (found === state) resolve();
      else if (found !== undefined && found !== 'opening' && found !== 'open')
        reject(new Error(`${transport} port ${port} is ${found}, not ${state}`));
    };
    this.#portLooks.add(look);
    await promise.finally(() => this.#portLooks.delete(look));
  }

  onStop(cleanup: () => unknown): void {
    this.#cleanups.push(cleanup);
  }

  /** Listens on loopback until the world stops, on a port that is free where none is named; gives the port. */
  async listen(server: NetServer, port = 0): Promise<number> {
    const open = new Set<Socket>();
    server.on('connection', (socket: Socket) => {
      open.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => open.delete(socket));
    });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    this.#cleanups.push(() => {
      server.close();
      for (const socket of open) socket.destroy();
    });
    return (server.address() as AddressInfo).port;
  }

  /** Publishes what every installation has, and these records besides. */
  publishBasics(...records: readonly LinkRecord[]): void {
    const pop = { location: { name: 'Here', latitude: 0, longitude: 0 }, udpEndpoints: [], httpsEndpoints: [] };
    this.publish(
      this.installation(),
      { kind: 'control', id: 'control-1', signingKey: toBase64Url(this.#control.publicKey) },
      {
        kind: 'pop',
        id: 'pop-1',
        name: 'One',
        wireguardKey: '',
        overlayAddress: 'fd00::1',
        signingKey: toBase64Url(this.identity.signer.publicKey),
        ...pop,
      },
      connector('connector-1', 'fd00::c1'),
      { kind: 'certificate', id: 'certificate-1', hosts: [PORTAL_HOST, `*.${PORTAL_HOST}`], ...this.leaf },
      user('ada', ['staff']),
      ...records,
    );
  }

  installation(changes: { stalenessMs?: number; publicPort?: number; portalHost?: string } = {}): LinkRecord {
    return {
      kind: 'installation',
      id: 'installation',
      organisationId: 'org-1',
      organisationName: 'Northwind Trading',
      portalHost: PORTAL_HOST,
      publicPort: this.port,
      sessionIdleMs: HOUR_MS,
      sessionAbsoluteMs: 8 * HOUR_MS,
      stalenessMs: 24 * HOUR_MS,
      ...changes,
    };
  }

  /** Puts records into a new snapshot and delivers it; gives the PoP's answer. */
  publish(...records: readonly LinkRecord[]): PopToControl | undefined {
    for (const record of records) this.#records.set(`${record.kind}/${record.id}`, record);
    const to = { epoch: 1, revision: ++this.#revision };
    const expiresUnixMs = this.clock.unixMs() + 30 * 24 * HOUR_MS;
    const whole = [...this.#records.values()];
    const state = SnapshotState.whole({ to, expiresUnixMs }, whole, crypto.sha256);
    if (!state) throw new Error('a record came twice');
    this.#state = state;
    const header = {
      popId: 'pop-1',
      from: null,
      to,
      stateHash: state.hash(),
      issuedUnixMs: this.clock.unixMs(),
      expiresUnixMs,
    };
    this.link.events.received({ type: 'snapshot', header: this.#sign(JSON.stringify(header)), records: whole });
    return this.link.sent.at(-1);
  }

  /** Delivers these changes as a delta. */
  publishDelta(...put: readonly LinkRecord[]): PopToControl | undefined {
    const from = { epoch: 1, revision: this.#revision };
    const to = { epoch: 1, revision: ++this.#revision };
    const expiresUnixMs = this.clock.unixMs() + 30 * 24 * HOUR_MS;
    const state = this.#state?.changed({ to, expiresUnixMs }, put, [], crypto.sha256);
    if (!(state instanceof SnapshotState)) throw new Error('the delta does not apply');
    this.#state = state;
    const header = {
      popId: 'pop-1',
      from,
      to,
      stateHash: state.hash(),
      issuedUnixMs: this.clock.unixMs(),
      expiresUnixMs,
    };
    this.link.events.received({ type: 'delta', header: this.#sign(JSON.stringify(header)), put, remove: [] });
    return this.link.sent.at(-1);
  }

  revoke(...entries: readonly Revocation[]): void {
    this.#revocations += entries.length;
    const position = { epoch: 1, sequence: this.#revocations };
    this.link.events.received({ type: 'revocations', position, entries });
  }

  /** A Cookie header value of a session with a resource, as this PoP signs it. */
  sessionCookie(resourceId: string, host: string, changes: Partial<ResourceClaims> = {}): string {
    const claims: ResourceClaims = {
      kind: 'resource',
      ...this.#freshClaims(),
      host,
      resourceId,
      parentId: newId(crypto),
      ...changes,
    };
    return `${SESSION_COOKIE}=${issueSessionToken(claims, { id: 'pop-1', signer: this.identity.signer })}`;
  }

  /** What sessions of both kinds say of Ada, who signed in by password just now. */
  #freshClaims() {
    const now = this.clock.unixMs();
    return {
      id: newId(crypto),
      subject: { kind: 'user', userId: 'ada' } as const,
      epoch: 0,
      methods: ['password'],
      authenticatedAtUnixMs: now,
      startedAtUnixMs: now,
      issuedAtUnixMs: now,
      expiresAtUnixMs: now + 8 * HOUR_MS,
      idleExpiresAtUnixMs: now + HOUR_MS,
    };
  }

  /** The token of a portal session, as control signs it. */
  portalToken(changes: Partial<PortalClaims> = {}): string {
    const claims: PortalClaims = {
      kind: 'portal',
      ...this.#freshClaims(),
      host: PORTAL_HOST,
      ...changes,
    };
    return issueSessionToken(claims, { id: 'control-1', signer: this.#control });
  }

  /** The token of a portal session that this PoP judged itself. */
  judgedPortalToken(userId: string): string {
    const key = { id: 'pop-1', signer: this.identity.signer };
    const signIn = { userId, methods: ['oidc'], authenticatedAtUnixMs: this.clock.unixMs() };
    const lifetimes = { absoluteMs: 8 * HOUR_MS, idleMs: HOUR_MS };
    const at = { host: PORTAL_HOST, lifetimes, revocations: new RevocationTable() };
    return issuePopPortalSession(crypto, key, signIn, at, this.clock.unixMs()).token;
  }

  /** One request over HTTPS, with redirects not followed; `from` a loopback address of its own. */
  fetch(
    host: string,
    path: string,
    options: { method?: string; headers?: OutgoingHttpHeaders; body?: string; from?: string | undefined } = {},
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const asked = httpsRequest(
        {
          host: '127.0.0.1',
          port: this.port,
          servername: host,
          agent: this.agent,
          ...(options.from !== undefined && { localAddress: options.from }),
          path,
          method: options.method ?? 'GET',
          headers: { host: `${host}:${this.port}`, ...options.headers },
        },
        (response) => {
          const parts: Buffer[] = [];
          response.on('data', (part: Buffer) => parts.push(part));
          response.on('error', reject);
          response.on('end', () => {
            const { statusCode = 0, headers, rawHeaders } = response;
            resolve({ status: statusCode, headers, rawHeaders, body: Buffer.concat(parts).toString() });
          });
        },
      );
      asked.on('error', reject);
      asked.end(options.body);
    });
  }

  /** A TLS connection to the PoP that asks for a name, or for none where it is empty. */
  async connect(serverName: string): Promise<TLSSocket> {
    const raw = connect({ host: '127.0.0.1', port: this.port, allowHalfOpen: true });
    const name = serverName === '' ? { host: '127.0.0.1' } : { servername: serverName };
    const socket = tlsConnect({ socket: raw, ca: this.ca.certificatePem, ...name });
    await once(socket, 'secureConnect');
    return socket;
  }

  /** Sends bytes, and gives everything that comes back until the connection ends. */
  async exchange(serverName: string, bytes: string): Promise<string> {
    const socket = await this.connect(serverName);
    socket.on('error', () => undefined);
    let text = '';
    socket.on('data', (part: Buffer) => {
      text += part.toString('latin1');
    });
    socket.on('end', () => socket.end());
    socket.write(bytes);
    await once(socket, 'close');
    return text;
  }

  #sign(payload: string) {
    const delegation = delegate(
      this.#root,
      'control-1',
      this.#control.publicKey,
      this.clock.unixMs() + 365 * 24 * HOUR_MS,
    );
    return signDocument('manis snapshot v1', payload, this.#control, delegation);
  }
}

/** A fresh id of a session. */
export const sessionId = (): string => newId(crypto);

export function signingPort() {
  return createSigningPort(crypto);
}

function signer(): Signer {
  const { seed, publicKey } = crypto.generateKeyPair();
  return createLinkSigner(crypto, seed, publicKey);
}

export function user(id: string, roles: readonly string[], disabled = false): UserRecord {
  return { kind: 'user', id, email: `${id}@example.com`, name: id, roles, disabled };
}

export function connector(id: string, overlayAddress: string, siteId = 'site-1'): ConnectorRecord {
  return { kind: 'connector', id, name: id, siteId, wireguardKey: '', overlayAddress };
}

export function target(port: number, changes: Partial<TargetRecord> = {}): TargetRecord {
  return {
    id: `target-${port}`,
    siteId: 'site-1',
    overlayPort: port,
    scheme: 'http',
    priority: 0,
    weight: 1,
    ...changes,
  };
}

/** A resource that carries bytes or datagrams to a local port, open to everybody. */
export function streamResource(
  listen: StreamListen,
  port: number,
  changes: Partial<StreamResourceRecord> = {},
): StreamResourceRecord {
  return {
    ...{ kind: 'streamResource', id: 'stream', organisationId: 'org-1', name: 'Stream', enabled: true },
    listen,
    policy: PUBLIC,
    targets: [{ id: `target-${port}`, siteId: 'site-1', overlayPort: port, priority: 0, weight: 1 }],
    ...changes,
  };
}

/** A resource at `APP_HOST` that everyone who is signed in may open. */
export function resource(port: number, changes: Partial<ResourceRecord> = {}): ResourceRecord {
  return {
    kind: 'resource',
    id: 'app',
    name: 'Wiki',
    host: APP_HOST,
    enabled: true,
    policy: SIGNED_IN,
    targets: [target(port)],
    ...changes,
  };
}

function isWithin(port: number, { first, last }: { readonly first: number; readonly last: number }): boolean {
  return first <= port && port <= last;
}
