import { join } from 'node:path';
import { type Clock, Failure, type Random, toBase64Url } from '../base/index.ts';
import type { SnapshotVersion } from '../core/link/index.ts';
import type { SessionCrypto } from '../core/session/index.ts';
import { type LocalCa, openLocalCa } from '../io/certificates.ts';
import { createSigningPort } from '../io/link-crypto.ts';
import type { Log } from '../io/log.ts';
import { PasswordHasher } from '../io/passwords.ts';
import {
  deleteEndedRevocations,
  deleteEndedSessions,
  keepNewestAuditEvents,
  openSqliteStore,
  type Store,
} from '../io/store/index.ts';
import { ensureLeaves, ensureListenerLeaf } from './certificates.ts';
import {
  AUDIT_REQUESTS_KEPT,
  ENDED_SESSION_KEPT_MS,
  REQUESTS_GRACE_MS,
  SIGN_IN_TRIES_RESTORED_MAX,
  SIGN_IN_WINDOW_MS,
  UPKEEP_INTERVAL_MS,
} from './constants.ts';
import type { Control } from './control.ts';
import { EpochGuard } from './epoch-guard.ts';
import { type FirstAdmin, installOrContinue } from './first-start.ts';
import { type ControlKeys, openKeys } from './keys.ts';
import { Links } from './links.ts';
import { PortalSessions } from './portal-sessions.ts';
import { Publisher } from './publish/publisher.ts';
import { type ControlServer, createControlServer } from './server.ts';
import { SignInLimits } from './sign-in-limits.ts';

export interface ControlOptions {
  readonly dataDir: string;
  /** Port 0: any free one. */
  readonly listen: { readonly host: string; readonly port: number };
  /** Host of portal, dashboard and API at the PoPs: `manis.localhost`. */
  readonly portalHost: string;
  /** Port of the PoPs in browsers' URLs. */
  readonly publicPort: number;
  /** Where nodes reach this control, when that is not the address it listens on. */
  readonly publicUrl?: string;
  /** More names and addresses for control's own certificate. */
  readonly extraNames?: readonly string[];
  readonly clock: Clock;
  readonly random: Random;
  readonly crypto: SessionCrypto;
  readonly log: Log;
  readonly firstAdmin?: FirstAdmin;
  /** Name and version of this program: `manis/0.1.0`. */
  readonly software: string;
  /** Time for PoPs to move to another control node at a stop. Left out: none. */
  readonly drainMs?: number;
}

export interface RunningControl {
  readonly url: string;
  readonly port: number;
  readonly controlId: string;
  readonly caFile: string;
  /** Holds the API token of the command line; written at first start. */
  readonly apiTokenFile: string;
  /** While the first admin has not chosen a password. */
  readonly setUp: { readonly email: string; readonly token: string } | null;
  version(): SnapshotVersion | null;
  close(): Promise<void>;
}

/** Starts a control node on a data directory: store, keys, certificates, first publication, then the listener. */
export async function startControl(options: ControlOptions): Promise<RunningControl> {
  const { dataDir, clock, log } = options;
  const store = await openSqliteStore({ dataDir, nowUnixMs: Math.round(clock.unixMs()) });
  try {
    return await startOn(store, options);
  } catch (error) {
    await store.close();
    log.error('control did not start', { error });
    throw error;
  }
}

async function startOn(store: Store, options: ControlOptions): Promise<RunningControl> {
  const { dataDir, clock, random, crypto, log, portalHost } = options;
  const guard = new EpochGuard(dataDir, store, log);
  await guard.check();
  const keys = await openKeys(store, crypto, clock, random);
  const ca = await openLocalCa(dataDir, clock.unixMs(), random);
  const hasher = new PasswordHasher();
  const installed = await installOrContinue({ dataDir, store, clock, random, hasher, firstAdmin: options.firstAdmin });
  const certificates = { store, ca, clock, random, portalHost };
  const renewListener = () => ensureListenerLeaf(certificates, listenerNames(options));
  const leaf = await renewListener();
  await ensureLeaves(certificates);
  // A new revision at each start: PoPs compare versions, and what was signed by the last run is signed anew.
  await store.publish(async () => undefined);

  let url = options.publicUrl ?? '';
  const { links, publisher } = publicationOf({ store, keys, ca, guard }, options);
  const control: Control = {
    clock,
    random,
    crypto,
    signing: createSigningPort(crypto),
    log,
    store,
    keys,
    hasher,
    limits: new SignInLimits(),
    publisher,
    links,
    software: options.software,
    organisationId: installed.organisationId,
    portalHost,
    publicPort: options.publicPort,
    url: () => url,
    caPem: () => ca.certificatePem,
    ensureCertificates: async () => {
      if (await ensureLeaves(certificates)) publisher.wake();
    },
  };
  await restoreLimits(control);
  await publisher.publish();
  const server = createControlServer({ control, sessions: new PortalSessions(control) }, leaf);
  const port = await listen(server, options).catch(async (error: unknown) => {
    await stopPublishing(control, guard);
    throw error;
  });
  if (url === '') url = `https://${hostInUrl(options.listen.host)}:${port}`;
  const upkeep = startUpkeep(control, async () => server.setCertificate(await renewListener()));
  log.info('control is ready', { url, controlId: keys.controlId });
  return {
    url,
    port,
    controlId: keys.controlId,
    caFile: ca.file,
    apiTokenFile: join(dataDir, 'api-token'),
    setUp: installed.setUp,
    version: () => publisher.current?.version ?? null,
    close: closeOnce(control, server, upkeep, guard, options.drainMs ?? 0),
  };
}

/** Publisher and links know each other: what is published goes to the links, and a new link asks for what is current. */
function publicationOf(
  { store, keys, ca, guard }: { store: Store; keys: ControlKeys; ca: LocalCa; guard: EpochGuard },
  { clock, random, crypto, log, portalHost, publicPort }: ControlOptions,
): { links: Links; publisher: Publisher } {
  const signing = createSigningPort(crypto);
  const caPem = () => ca.certificatePem;
  const links = new Links({ clock, random, keys, signing, log, store, caPem, publisher: () => publisher });
  const control = { id: keys.controlId, signingKey: toBase64Url(keys.signer.publicKey) };
  const publisher: Publisher = new Publisher({
    store,
    clock,
    keys,
    signing,
    log,
    publication: { portalHost, publicPort, control },
    published: (state) => {
      guard.mark();
      links.pushState(state);
    },
  });
  return { links, publisher };
}

/** Ends everything in order: PoPs move, links, requests, publications, then the store. The second call waits for the first. */
function closeOnce(
  control: Control,
  server: ControlServer,
  upkeep: NodeJS.Timeout,
  guard: EpochGuard,
  drainMs: number,
): () => Promise<void> {
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    clearInterval(upkeep);
    await control.links.drain(drainMs);
    await control.links.stop();
    await server.close(REQUESTS_GRACE_MS);
    await stopPublishing(control, guard);
    await control.store.close();
  };
  return () => {
    closing ??= close();
    return closing;
  };
}

async function stopPublishing(control: Control, guard: EpochGuard): Promise<void> {
  await control.links.stop();
  await control.publisher.stop();
  await guard.settled();
}

/** The names and addresses that control's certificate is for. */
function listenerNames(options: ControlOptions): { dns: string[]; ip: string[] } {
  const dns = new Set([options.portalHost, 'localhost']);
  const ip = new Set(['127.0.0.1', '::1']);
  const publicHost =
    options.publicUrl === undefined ? [] : [new URL(options.publicUrl).hostname.replace(/^\[|\]$/g, '')];
  for (const name of [options.listen.host, ...publicHost, ...(options.extraNames ?? [])]) {
    if (name === '0.0.0.0' || name === '::') continue;
    (/^[\d.]+$|:/.test(name) ? ip : dns).add(name);
  }
  return { dns: [...dns], ip: [...ip] };
}

async function listen(server: ControlServer, options: ControlOptions): Promise<number> {
  const { host, port } = options.listen;
  try {
    await server.app.listen({ host, port });
  } catch (error) {
    const why =
      (error as NodeJS.ErrnoException).code === 'EADDRINUSE' ? 'the port is in use' : (error as Error).message;
    throw new Failure('listen-failed', `control cannot listen on ${hostInUrl(host)}:${port}: ${why}`, error);
  }
  const address = server.app.server.address();
  return typeof address === 'object' && address ? address.port : port;
}

/** Addresses for any interface are reached by loopback. */
function hostInUrl(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}

/** A restart does not grant everybody new tries: what was refused lately counts again. */
async function restoreLimits(control: Control): Promise<void> {
  const rows = await control.store.database
    .selectFrom('audit_events')
    .select(['client_address', 'detail'])
    .where('action', '=', 'sign-in.refuse')
    .where('outcome', '=', 'refused')
    .where('unix_ms', '>', control.clock.unixMs() - SIGN_IN_WINDOW_MS)
    .orderBy('unix_ms', 'desc')
    .limit(SIGN_IN_TRIES_RESTORED_MAX)
    .execute();
  for (const row of rows) {
    const { email } = JSON.parse(row.detail) as { email?: unknown };
    if (typeof email === 'string') await control.limits.restore({ email, clientAddress: row.client_address });
  }
}

function startUpkeep(control: Control, renewListener: () => Promise<void>): NodeJS.Timeout {
  const timer = setInterval(() => void lookAfter(control, renewListener), UPKEEP_INTERVAL_MS);
  timer.unref();
  return timer;
}

/** Certificates and delegation that are due, rows that have ended. */
async function lookAfter(control: Control, renewListener: () => Promise<void>): Promise<void> {
  const { store, clock, log, keys, publisher } = control;
  try {
    await renewListener();
    await control.ensureCertificates();
    if (keys.renewDelegation()) await store.publish(async () => undefined);
    await deleteEndedSessions(store.database, clock.unixMs() - ENDED_SESSION_KEPT_MS);
    await deleteEndedRevocations(store.database, clock.unixMs());
    await keepNewestAuditEvents(store.database, 'request', AUDIT_REQUESTS_KEPT);
    publisher.wake();
  } catch (error) {
    log.error('upkeep failed', { error });
  }
}
