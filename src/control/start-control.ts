import { join } from 'node:path';
import { type Clock, Failure, type Random } from '../base/index.ts';
import type { SnapshotVersion } from '../core/link/index.ts';
import type { SessionCrypto } from '../core/session/index.ts';
import { openLocalCa } from '../io/certificates.ts';
import { createSigningPort } from '../io/link-crypto.ts';
import type { Log } from '../io/log.ts';
import { PasswordHasher } from '../io/passwords.ts';
import { deleteEndedRevocations, deleteEndedSessions, openSqliteStore, type Store } from '../io/store/index.ts';
import { ensureLeaves, ensureListenerLeaf } from './certificates.ts';
import {
  ENDED_SESSION_KEPT_MS,
  SIGN_IN_TRIES_RESTORED_MAX,
  SIGN_IN_WINDOW_MS,
  UPKEEP_INTERVAL_MS,
} from './constants.ts';
import type { Control } from './control.ts';
import { EpochGuard } from './epoch-guard.ts';
import { type FirstAdmin, installOrContinue } from './first-start.ts';
import { openKeys } from './keys.ts';
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
  const certificateOptions = { store, ca, clock, random, portalHost };
  const names = listenerNames(options);
  const leaf = await ensureListenerLeaf(certificateOptions, names);
  await ensureLeaves(certificateOptions);
  // A new revision at each start: PoPs compare versions, and what was signed by the last run is signed anew.
  await store.publish(async () => undefined);

  const signing = createSigningPort(crypto);
  const links = new Links({
    clock,
    random,
    keys,
    signing,
    log,
    store,
    caPem: () => ca.certificatePem,
    publisher: () => publisher,
  });
  const publisher: Publisher = new Publisher({
    store,
    clock,
    keys,
    signing,
    log,
    publication: {
      portalHost,
      publicPort: options.publicPort,
      control: { id: keys.controlId, signingKey: keys.delegation().signingKey },
    },
    published: (state) => {
      guard.mark();
      links.pushState(state);
    },
  });
  let url = options.publicUrl ?? '';
  const control: Control = {
    clock,
    random,
    crypto,
    signing,
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
    ensureCertificates: async () => {
      if (await ensureLeaves(certificateOptions)) publisher.wake();
    },
  };
  await restoreLimits(control);
  await publisher.publish();
  const server = createControlServer({ control, sessions: new PortalSessions(control) }, leaf);
  const port = await listen(server, options);
  if (url === '') url = `https://${hostInUrl(options.listen.host)}:${port}`;
  const upkeep = setInterval(
    () =>
      void lookAfter(control, async () => server.setCertificate(await ensureListenerLeaf(certificateOptions, names))),
    UPKEEP_INTERVAL_MS,
  );
  upkeep.unref();
  log.info('control is ready', { url, controlId: keys.controlId });

  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    clearInterval(upkeep);
    await links.stop();
    await server.app.close();
    await publisher.stop();
    await guard.settled();
    await store.close();
  };
  return {
    url,
    port,
    controlId: keys.controlId,
    caFile: ca.file,
    apiTokenFile: join(dataDir, 'api-token'),
    setUp: installed.setUp,
    version: () => publisher.current?.version ?? null,
    close: () => {
      closing ??= close();
      return closing;
    },
  };
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

/** Certificates and delegation that are due, rows that have ended. */
async function lookAfter(control: Control, renewListener: () => Promise<void>): Promise<void> {
  const { store, clock, log, keys, publisher } = control;
  try {
    await renewListener();
    await control.ensureCertificates();
    if (keys.renewDelegation()) await store.publish(async () => undefined);
    await deleteEndedSessions(store.database, clock.unixMs() - ENDED_SESSION_KEPT_MS);
    await deleteEndedRevocations(store.database, clock.unixMs());
    publisher.wake();
  } catch (error) {
    log.error('upkeep failed', { error });
  }
}
