import { join } from 'node:path';
import type { Clock, Random } from '../base/index.ts';
import type { SessionCrypto, SigningKey } from '../core/session/index.ts';
import { Traces } from '../core/tracing/index.ts';
import { ClockSkew } from '../io/clock-skew.ts';
import type { ConnectionRates } from '../io/connection-rates.ts';
import { DomainLookup } from '../io/dns/domain-lookup.ts';
import { ClientGeography, type GeographyOptions } from '../io/geo/client-geography.ts';
import type { CarrierDoor } from '../io/https-server.ts';
import type { Identity } from '../io/identity.ts';
import type { Log } from '../io/log.ts';
import { PasswordHasher } from '../io/passwords.ts';
import { sealedFile } from '../io/sealed-file.ts';
import { AccessSignIn } from './access/access-sign-in.ts';
import { AccessTunnels } from './access/access-tunnels.ts';
import { assertionSource } from './assertion-source.ts';
import type { AuditLog } from './audit-log.ts';
import { AuditRecorder } from './audit-recorder.ts';
import { Authenticator } from './authenticate.ts';
import { Captures } from './capture/captures.ts';
import { Replays } from './capture/replays.ts';
import { CertificateWatch } from './certificate-watch.ts';
import type { CertificateTable } from './certificates.ts';
import { certificateReader } from './client-certificates.ts';
import type { TrustedProxies } from './client-facts.ts';
import { coalescing } from './coalescing.ts';
import { ControlCalls } from './control-calls.ts';
import { Counters } from './counters.ts';
import { controlBudget } from './credentials/control-budget.ts';
import { CredentialLedger } from './credentials/credential-ledger.ts';
import { Guesses } from './credentials/guesses.ts';
import { PresentedCredentials } from './credentials/presented.ts';
import { ShareLinks } from './credentials/share-links.ts';
import type { TargetDialer } from './dialer.ts';
import { Door } from './door.ts';
import { Forwarder, type ForwarderParts } from './forward.ts';
import { HeldRequests } from './held-requests.ts';
import { Ingress, type IngressParts } from './ingress.ts';
import { LiveExchanges } from './live-exchanges.ts';
import { LookUps } from './look-ups.ts';
import { makeAudit, makeHolder } from './make-kept.ts';
import { makePortal } from './make-portal.ts';
import { type LoadSource, Overload } from './overload.ts';
import { requestIds } from './request-ids.ts';
import { RequestLog } from './request-log/request-log.ts';
import { type PopTracing, RequestObservers } from './request-observers.ts';
import { ResourceEndpoints } from './resource-endpoints.ts';
import { ResourceHost } from './resource-host.ts';
import type { SnapshotHolder, SnapshotHolderOptions } from './snapshot-holder.ts';
import type { SnapshotView } from './snapshot-view.ts';
import { RecentSignIns } from './streams/recent-sign-ins.ts';
import { TargetChoice } from './target-choice.ts';
import { TargetStates } from './target-states.ts';
import { openUpstreams } from './tls-fault-log.ts';
import type { Upstreams } from './upstreams.ts';
import { WebSocketForwarder } from './web-socket.ts';
import { WhoAsks } from './who-asks.ts';

/** What a PoP is made from, whatever it listens on. */
export interface PopMaterials {
  readonly dataDir: string;
  readonly popId: string;
  readonly identity: Identity;
  /** The installation's root key, pinned at enrolment. */
  readonly rootKey: Uint8Array;
  readonly crypto: SessionCrypto;
  readonly dialer: TargetDialer;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Databases of places in place of those of the package. */
  readonly geography?: Omit<GeographyOptions, 'failed'>;
  /** How DNS is asked about domains. Left out: as the machine is set to. */
  readonly lookup?: DomainLookup;
  /** Proxies before it that are believed about who came. Left out: none. */
  readonly proxies?: TrustedProxies;
  /** How often somebody may come anew. Left out: as often as they like. */
  readonly connectionRates?: ConnectionRates;
  /** How busy the program is. Left out: nothing is ever left undone. */
  readonly load?: LoadSource;
  /** Takes carriers; without it there are none. */
  readonly carrier?: CarrierDoor;
  /** Which requests are traced. Left out: none; they have a trace id all the same. */
  readonly tracing?: PopTracing;
}

/** The parts of a PoP, wired together. */
export interface PopParts {
  readonly counters: Counters;
  readonly holder: SnapshotHolder;
  readonly ingress: Ingress;
  readonly control: ControlCalls;
  readonly audit: AuditLog;
  readonly recorder: AuditRecorder;
  readonly requests: RequestLog;
  readonly captures: Captures;
  readonly replays: Replays;
  readonly observers: RequestObservers;
  readonly ledger: CredentialLedger;
  readonly live: LiveExchanges;
  readonly choice: TargetChoice;
  readonly states: TargetStates;
  readonly upstreams: Upstreams;
  readonly held: HeldRequests;
  readonly signIns: RecentSignIns;
  readonly overload: Overload;
  readonly clockSkew: ClockSkew;
  readonly certificateWatch: CertificateWatch;
  readonly geography: ClientGeography;
  readonly lookUps: LookUps;
  readonly nextRequestId: () => string;
  readonly traces: Traces;
}

/** Wires a PoP. `changed` is called with every new view. */
export function assemble(
  materials: PopMaterials,
  certificates: CertificateTable,
  changed: (view: SnapshotView) => void,
): PopParts {
  const { crypto, clock, random, dialer, carrier } = materials;
  const counters = new Counters();
  const geography = makeGeography(materials);
  const live = new LiveExchanges(clock);
  const control = new ControlCalls();
  const ledger = makeLedger(materials, control);
  const adopt = (view: SnapshotView): void => {
    ledger.adopt(view);
    changed(view);
  };
  const signIns = makeSignIns(materials, () => holder.view);
  const holder = makeHolder(materials, counters, { changed: adopt, revoked: revokedIn(signIns, live) });
  const key: SigningKey = { id: materials.popId, signer: materials.identity.signer };
  const named = { nextRequestId: requestIds(random), traces: new Traces(random, materials.tracing) };
  const audit = makeAudit(materials, named.nextRequestId);
  const recorder = new AuditRecorder(audit);
  const observers = new RequestObservers(named.traces, materials.tracing, materials.log);
  const requests = new RequestLog(clock, observers);
  const captures = new Captures(counters);
  const choice = makeChoice(materials);
  const states = new TargetStates(choice, dialer, clock);
  const upstreams = openUpstreams(dialer, clock, materials.log);
  const held = new HeldRequests(clock);
  const authenticator = new Authenticator(() => holder.view, holder.revocations);
  const assertions = assertionSource(holder, crypto, key);
  const forwarding: ForwarderParts = { choice, upstreams, assertions, live, counters, clock, random, held };
  const common = { authenticator, crypto, key, counters };
  const { guesses, presented, shareLinks } = makeCredentials({ ...common, ledger, recorder });
  const overload = makeOverload(materials, counters);
  const access = new AccessSignIn({ crypto, key, counters, holder, audit: recorder });
  const resources = new ResourceHost({
    ...{ overload, holder, crypto, key, clock, counters, requests, captures, access },
    audit: recorder,
    forwarder: new Forwarder(forwarding),
    webSockets: new WebSocketForwarder(forwarding),
    endpoints: new ResourceEndpoints({ ...common, holder, shareLinks, control, access }),
    tunnels: new AccessTunnels(forwarding),
    who: new WhoAsks({ authenticator, counters, presented }),
  });
  const portal = makePortal({ ...common, holder, live, control, guesses, audit: recorder, clock });
  const door = makeDoor(materials, { holder, counters, certificates, geography, ...named });
  const failed = requestFailed(materials, counters);
  const ingress = new Ingress({ door, portal, resources, counters, holder, clock, failed, carrier });
  const replays = new Replays({ ...common, holder, clock, ingress });
  const logs = { audit, recorder, requests, observers, captures, replays };
  const told = { counters, holder, control, ledger, lookUps: lookUpsOf(materials), signIns, ...logs };
  const watched = watchesOf(materials, certificates);
  return { ...told, ...watched, ...named, ingress, live, choice, states, upstreams, held, geography, overload };
}

/** A mistake of ours met a request. */
function requestFailed({ log }: PopMaterials, counters: Counters): IngressParts['failed'] {
  return (error, request) => {
    counters.add('problems', 'internal');
    log.error('request failed', { ...request, error });
  };
}

/** What this PoP finds wrong with itself. */
function watchesOf({ log }: PopMaterials, certificates: CertificateTable) {
  return { clockSkew: new ClockSkew(log), certificateWatch: new CertificateWatch(log, certificates) };
}

function makeChoice({ dialer, clock, random, log }: PopMaterials): TargetChoice {
  return new TargetChoice(dialer, clock, random, (resourceId, warning) =>
    log.warn('too few targets are usable, so all are tried', { resourceId, warning }),
  );
}

function makeDoor(
  { clock, proxies }: PopMaterials,
  parts: Pick<PopParts, 'holder' | 'counters' | 'geography' | 'nextRequestId' | 'traces'> & {
    certificates: CertificateTable;
  },
): Door {
  const { holder, counters, geography, nextRequestId, certificates, traces } = parts;
  const view = () => holder.view;
  const certificateAt = certificateReader(view, clock, counters);
  return new Door(holder, clock, nextRequestId, {
    geography,
    certificateAt,
    coalesces: coalescing(view, certificates),
    proxies,
    traces,
  });
}

/** What hears of revocations; sign-ins first, since what is live is judged by them. */
function revokedIn(signIns: RecentSignIns, live: LiveExchanges): SnapshotHolderOptions['revoked'] {
  return (revocations) => {
    signIns.revoked(revocations);
    live.revoked(revocations);
  };
}

function makeOverload({ load, log }: PopMaterials, counters: Counters): Overload {
  return new Overload(load, counters, (level) =>
    log.warn('what is left undone for want of time has changed', { level }),
  );
}

function lookUpsOf({ lookup = new DomainLookup() }: PopMaterials): LookUps {
  return new LookUps(lookup);
}

function makeSignIns({ dataDir, identity, clock, log }: PopMaterials, view: () => SnapshotView | undefined) {
  return new RecentSignIns({
    ...{ view, clock },
    file: sealedFile(join(dataDir, 'sign-ins.sealed'), identity.wireguardPrivateKey, 'sign-ins'),
    failed: (what, error) => log.error(what, { error }),
  });
}

function makeGeography({ geography, log }: PopMaterials): ClientGeography {
  return new ClientGeography({
    ...geography,
    failed: (error) => log.error('where clients are is not known, so no policy that asks admits', { error }),
  });
}

/** What judges PINs and the like, and what takes them where they come in a request's fields or a link. */
function makeCredentials(parts: {
  readonly authenticator: Authenticator;
  readonly crypto: SessionCrypto;
  readonly key: SigningKey;
  readonly ledger: CredentialLedger;
  readonly counters: Counters;
  readonly recorder: AuditRecorder;
}) {
  const guesses = new Guesses(parts.ledger, new PasswordHasher(), parts.counters);
  const presented = new PresentedCredentials({ ...parts, guesses });
  const shareLinks = new ShareLinks({ ...parts, audit: parts.recorder });
  return { guesses, presented, shareLinks };
}

function makeLedger({ popId, dataDir, identity, clock, log }: PopMaterials, control: ControlCalls): CredentialLedger {
  return new CredentialLedger({
    popId,
    clock,
    file: sealedFile(join(dataDir, 'credentials.sealed'), identity.wireguardPrivateKey, 'credentials'),
    control: controlBudget(control),
    failed: (what, error) => log.error(what, { error }),
  });
}
