import { join } from 'node:path';
import type { Clock, Random } from '../base/index.ts';
import type { SessionCrypto } from '../core/session/index.ts';
import type { LocalCa } from '../io/certificates.ts';
import { DomainLookup } from '../io/dns/domain-lookup.ts';
import { ensureOwnFolder } from '../io/files.ts';
import { IdentityProviders } from '../io/identity-provider/index.ts';
import { createSigningPort } from '../io/link-crypto.ts';
import type { Log } from '../io/log.ts';
import { KeptPackage } from '../io/package/kept-package.ts';
import { PasswordHasher } from '../io/passwords.ts';
import type { Store, StoreWatch } from '../io/store/index.ts';
import { Afterwards } from './afterwards.ts';
import { openAuthority } from './authority.ts';
import { captureBytesAllowed } from './captures/capture-quota.ts';
import { type AcmeSettings, settingsRow } from './certificates/acme-settings.ts';
import { createKeeper, type KeeperSettings } from './certificates/create-keeper.ts';
import { type EnsureOptions, ensureCertificates } from './certificates/ensure.ts';
import { HostCertificates } from './certificates/host-certificates.ts';
import { ensureListenerLeaf } from './certificates/listener-leaf.ts';
import { LocalLeaves } from './certificates/local-leaves.ts';
import { consoleFiles } from './console.ts';
import { REQUESTS_GRACE_MS } from './constants.ts';
import type { Control } from './control.ts';
import { watchCertificateFiles } from './domains/own-certificates.ts';
import { watchDomains } from './domains/watch-domains.ts';
import { EpochGuard } from './epoch-guard.ts';
import { type FirstAdmin, type FirstStartOptions, type Installed, installOrContinue } from './first-start.ts';
import { followStore } from './follow-store.ts';
import { type ControlKeys, openKeys } from './keys.ts';
import { Links, type LinksOptions } from './links.ts';
import { type ListenerOptions, listen, listenerNames, urlOf } from './listener.ts';
import { createLive } from './live/create-live.ts';
import { EmailCodes } from './mail/email-codes.ts';
import { Mailer } from './mail/mailer.ts';
import { NodeRegistry } from './node-registry.ts';
import { Notices } from './notices/notices.ts';
import { openStore, type StoreChoice } from './open-store.ts';
import { takeJudgements } from './pop-judgements.ts';
import { PopStatuses } from './pop-statuses.ts';
import { PortalSessions } from './portal-sessions.ts';
import { Publisher } from './publish/publisher.ts';
import type { RunningControl } from './running-control.ts';
import { type ControlServer, createControlServer } from './server.ts';
import { requireSameSettings } from './shared-settings.ts';
import { SignInLimits } from './sign-in-limits.ts';
import { TargetHealth } from './target-health.ts';
import { startUpkeep, type Upkeep } from './upkeep.ts';

export interface ControlOptions extends ListenerOptions, StoreChoice {
  /** Port of the PoPs in browsers' URLs. */
  readonly publicPort: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly crypto: SessionCrypto;
  readonly log: Log;
  readonly firstAdmin?: FirstAdmin;
  /** Zone of the PoPs' name servers, taken at the first start. */
  readonly dnsZone?: string;
  /** Which ACME directory issues certificates, taken at the first start. */
  readonly firstAcme?: AcmeSettings;
  /** How ACME directories are reached. */
  readonly acme?: KeeperSettings;
  /** Name and version of this program: `manis/0.1.0`. */
  readonly software: string;
  /** How DNS is asked about domains. Left out: as the machine is set to. */
  readonly lookup?: DomainLookup;
  /** Where the built console is. Left out: this node has none. */
  readonly consoleDir?: string;
  /** The folder of the program's `package.json`. Left out: this node has no package for machines that join. */
  readonly packageRoot?: string;
  /** Time for PoPs to move to another control node at a stop. Left out: none. */
  readonly drainMs?: number;
}

/** Starts a control node: store, keys, certificates, the listener, then the first publication. */
export async function startControl(options: ControlOptions): Promise<RunningControl> {
  await ensureOwnFolder(options.dataDir);
  const { store, close } = await openStore(options);
  try {
    return await startOn(store, close, options);
  } catch (error) {
    await close();
    options.log.error('control did not start', { error });
    throw error;
  }
}

async function startOn(
  store: Store,
  closeStore: () => Promise<void>,
  options: ControlOptions,
): Promise<RunningControl> {
  const { dataDir, clock, random, crypto, log, portalHost } = options;
  const guard = new EpochGuard(dataDir, store, clock, log);
  await guard.check();
  const keys = await openKeys({ store, dataDir, crypto, clock, random });
  await requireSameSettings(store.database, { ...options, controlId: keys.controlId }, clock.unixMs());
  const ca = await openAuthority({ store, dataDir, clock, random, sealing: keys.sealing });
  const hasher = new PasswordHasher();
  const { firstAdmin, dnsZone } = options;
  const first = { hasher, firstAdmin, dnsZone, node: keys, ...firstAcme(options, keys) };
  const installed = await installOrContinue({ dataDir, store, clock, random, log, ...first });
  const signing = { store, ca, clock, random, sealing: keys.sealing };
  const certificates = { ...signing, portalHost, leaves: new LocalLeaves(signing) };
  const renewListener = () => ensureListenerLeaf(signing, dataDir, listenerNames(options));
  const leaf = await renewListener();
  await ensureCertificates(certificates);
  let url = options.publicUrl ?? '';
  const ownPackage = await ownPackageOf(options);
  const materials = { store, keys, ca, guard, hasher, installed, ownPackage, certificates };
  const control = assemble(materials, options, () => url);
  const nodes = new NodeRegistry({ store, keys, clock, log, software: options.software, settings: options });
  const context = { control, sessions: new PortalSessions(control), codes: new EmailCodes(control) };
  const server = createControlServer(context, leaf, await consoleFiles(options.consoleDir));
  const parts: Parts = { control, nodes, server, guard, closeStore };
  const port = await listen(server, options);
  url = urlOf(options, port);
  // Under a new revision at each start: another version of the program may publish the same rows in other words.
  await nodes
    .enter(url)
    .then(() => control.publisher.publish())
    .catch(async (error: unknown) => {
      await stopServing(parts);
      throw error;
    });
  startWork(control);
  const watch = followStore(parts);
  const upkeep = startUpkeep({
    control,
    nodes,
    renewListener: async () => server.setCertificate(await renewListener()),
  });
  log.info('control is ready', { url, controlId: keys.controlId });
  return {
    url,
    port,
    controlId: keys.controlId,
    caFile: ca.file,
    apiTokenFile: join(dataDir, 'api-token'),
    setUp: installed.setUp,
    version: () => control.publisher.current?.version ?? null,
    observed: { control, meter: server.meter },
    close: closeOnce(parts, upkeep, watch, options.drainMs ?? 0),
  };
}

function firstAcme(
  { firstAcme: settings, clock }: ControlOptions,
  keys: ControlKeys,
): Pick<FirstStartOptions, 'atFirst'> {
  if (!settings) return {};
  return { atFirst: async (transaction) => void (await settingsRow({ clock, keys }, transaction, settings)) };
}

function startWork({ mailer, domains, certificates, certificateFiles, notices }: Control): void {
  mailer.wake();
  certificates.wake();
  for (const work of [domains, certificateFiles, notices]) work.start();
}

/** A node that cannot say what its package is gives none, and works. */
async function ownPackageOf({ packageRoot, dataDir, log }: ControlOptions): Promise<KeptPackage | undefined> {
  if (packageRoot === undefined) return undefined;
  return KeptPackage.of(packageRoot, join(dataDir, 'install')).catch((error: unknown) => {
    log.warn('there is no package to give to machines that join', { error });
    return undefined;
  });
}

interface Materials {
  readonly store: Store;
  readonly keys: ControlKeys;
  readonly ca: LocalCa;
  readonly guard: EpochGuard;
  readonly hasher: PasswordHasher;
  readonly installed: Installed;
  readonly ownPackage: KeptPackage | undefined;
  readonly certificates: EnsureOptions;
}

function assemble(materials: Materials, options: ControlOptions, url: () => string): Control {
  const { store, keys, hasher, installed, ownPackage } = materials;
  const { clock, random, crypto, log, software, portalHost, publicPort } = options;
  const { links, publisher, statuses } = publicationOf(materials, options, {
    lookedUp: (popId, message) => control.domains.received(popId, message),
    judged: (popId, events) => takeJudgements(control, popId, events),
  });
  const hostCertificates = new HostCertificates(materials.certificates);
  const lookup = options.lookup ?? new DomainLookup();
  const control: Control = {
    ...{ clock, random, crypto, log, store, keys, hasher, publisher, links, software, portalHost, publicPort },
    ownPackage,
    caPem: () => materials.ca.certificatePem,
    signing: createSigningPort(crypto),
    limits: new SignInLimits(store, clock),
    mailer: new Mailer({ store, clock, random, log, sealing: keys.sealing, organisationId: installed.organisationId }),
    notices: new Notices({ store, clock, random, log, keys }, () => control),
    identityProviders: new IdentityProviders(clock),
    afterwards: new Afterwards((error) => log.error('what was put off failed', { error })),
    live: createLive({ store, clock, random, log, keys, links, statuses }),
    organisationId: installed.organisationId,
    certificates: createKeeper(() => control, { store, clock, random, log, keys, software }, options.acme),
    domains: watchDomains({ store, clock, random, log }, () => control, lookup),
    certificateFiles: watchCertificateFiles({ store, clock, log, keys }, () => control),
    url,
    ensureCertificates: async () => {
      if (await publisher.together(() => ensureCertificates(materials.certificates))) publisher.wake();
      control.certificates.wake();
    },
    hostCertificates,
    hostsChanged: async () => {
      if (hostCertificates.takeLookDue()) await control.ensureCertificates();
      else control.certificates.wake();
    },
  };
  return control;
}

/** Publisher and links know each other: what is published goes to the links, and a new link asks for what is current. */
function publicationOf(
  { store, keys, ca, guard, installed: { organisationId } }: Materials,
  { clock, random, crypto, log, portalHost, publicPort }: ControlOptions,
  heard: Pick<LinksOptions, 'lookedUp' | 'judged'>,
): { links: Links; publisher: Publisher; statuses: PopStatuses } {
  const signing = createSigningPort(crypto);
  const caPem = () => ca.certificatePem;
  const statuses = new PopStatuses({ store, controlId: keys.controlId, clock, log });
  const targetHealth = new TargetHealth({ store, clock, random, log, state: () => publisher.current });
  const links = new Links({
    revoked: (position) => guard.revoked(position),
    ...{ clock, random, keys, signing, log, store, caPem, statuses, targetHealth, ...heard },
    captureBytesOf: (id) => captureBytesAllowed(store.database, organisationId, id),
    publisher: () => publisher,
  });
  const publisher: Publisher = new Publisher({
    store,
    clock,
    keys,
    signing,
    log,
    publication: { portalHost, publicPort },
    fellBehind: () => guard.recheck(),
    published: (state) => {
      guard.published(state.version);
      links.pushState(state);
    },
  });
  return { links, publisher, statuses };
}

interface Parts {
  readonly control: Control;
  readonly nodes: NodeRegistry;
  readonly server: ControlServer;
  readonly guard: EpochGuard;
  readonly closeStore: () => Promise<void>;
}

/** Ends everything in order: PoPs move, links, requests, publications, then the store. The second call waits for the first. */
function closeOnce(parts: Parts, upkeep: Upkeep, watch: StoreWatch, drainMs: number): () => Promise<void> {
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    upkeep.stop();
    await parts.control.links.drain(drainMs);
    await watch.stop();
    await stopServing(parts);
    await parts.closeStore();
  };
  return () => {
    closing ??= close();
    return closing;
  };
}

async function stopServing({ control, nodes, server, guard }: Parts): Promise<void> {
  await Promise.all([control.domains.stop(), control.certificateFiles.stop(), control.notices.stop()]);
  control.live.stop();
  await control.links.stop();
  await server.close(REQUESTS_GRACE_MS);
  await control.afterwards.settled();
  await control.mailer.stop();
  await control.certificates.stop();
  await control.publisher.stop();
  await guard.settled();
  await nodes.leave();
}
