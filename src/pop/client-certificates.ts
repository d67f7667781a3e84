import type { Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import type { Clock } from '../base/index.ts';
import { encodeIdentityValue, identityFields } from '../core/routing/index.ts';
import type { AssertedIdentity, ResourceClaims } from '../core/session/index.ts';
import type { AskingHosts } from '../io/asking-server.ts';
import { type CertificateFacts, type PresentedCertificate, presentedCertificate } from '../io/client-certificate.ts';
import type { HttpRequest } from '../io/http/message.ts';
import { type Certificates, serverContext } from '../io/https-server.ts';
import type { SignedIn } from './authenticate.ts';
import type { CertificateTable } from './certificates.ts';
import type { AcceptedCertificate } from './client-authorities.ts';
import type { Counters } from './counters.ts';
import type { SnapshotView } from './snapshot-view.ts';
import { ticketSecretSource } from './ticket-secret.ts';

/** What the listeners show, and whom they ask. */
export function shownCertificates(
  view: () => SnapshotView | undefined,
  table: CertificateTable,
  clock: Clock,
): Certificates {
  return {
    tickets: ticketSecretSource(() => view()?.state, clock),
    contextFor: (name) => table.contextFor(name),
    asking: askingHosts(view, table),
    proven: {
      get isAny() {
        return view()?.acme.isAny ?? false;
      },
      contextFor: (name) => view()?.acme.contextFor(name),
    },
  };
}

/** The hosts that ask clients for certificates, whatever the snapshot is just now. */
function askingHosts(view: () => SnapshotView | undefined, certificates: CertificateTable): AskingHosts {
  const resourceOf = (serverName: string): string | undefined => view()?.resourceAt(serverName)?.record.id;
  // By host; made anew with another certificate or other authorities.
  const contexts = new Map<string, { readonly key: object; readonly authorities: object; context: SecureContext }>();
  return {
    get isAny() {
      return view()?.clientAuthorities.isAny ?? false;
    },
    has(serverName) {
      const id = resourceOf(serverName);
      return id !== undefined && (view()?.clientAuthorities.has(id) ?? false);
    },
    contextFor(serverName) {
      const record = certificates.recordFor(serverName);
      const id = resourceOf(serverName);
      const authorities = view()?.clientAuthorities;
      if (!record || id === undefined || !authorities) return undefined;
      const known = contexts.get(record.id + id);
      if (known?.key === record && known.authorities === authorities) return known.context;
      // One that cannot be made fails as it does without authorities, where it is told of.
      if (!certificates.contextFor(serverName)) return undefined;
      const context = serverContext(record.chainPem, record.keyPem, authorities.certificatesOf(id));
      contexts.set(record.id + id, { key: record, authorities, context });
      return context;
    },
  };
}

/** Says which certificate of a client counts, by the snapshot and the time of now, whatever held in the handshake. */
export function certificateReader(
  view: () => SnapshotView | undefined,
  clock: Clock,
  counters: Counters,
): (host: string, request: Pick<HttpRequest, 'socket'>) => AcceptedCertificate | undefined {
  return (host, request) => {
    const current = view();
    const authorities = current?.clientAuthorities;
    if (!current || !authorities?.isAny) return undefined;
    const id = current.resourceAt(host)?.record.id;
    if (id === undefined || !authorities.has(id)) return undefined;
    const presented = presentedOn(request.socket);
    if (!presented) return undefined;
    const judged = authorities.judge(id, presented, clock.unixMs());
    if (typeof judged !== 'string') return judged;
    counters.add('sessions', judged);
    return undefined;
  };
}

/**
 * Who holds a certificate that counts, where nobody else is signed in: good for the one request, and for policies that
 * admit certificates alone. The claims are those of a session that is issued to nobody.
 */
export function certificateHolder(
  { facts, forPolicy }: AcceptedCertificate,
  { host, nowUnixMs }: { readonly host: string; readonly nowUnixMs: number },
  resourceId: string,
): SignedIn<ResourceClaims> {
  const { fingerprint, commonName } = forPolicy;
  const credentialId = `certificate-${fingerprint}`;
  const methods = ['certificate'];
  const id = fingerprint.slice(0, 22);
  const at = Math.floor(nowUnixMs);
  const times = { authenticatedAtUnixMs: at, startedAtUnixMs: at, issuedAtUnixMs: at };
  const ends = { expiresAtUnixMs: facts.notAfterUnixMs, idleExpiresAtUnixMs: facts.notAfterUnixMs };
  const subject = { kind: 'holder', credentialId } as const;
  const claims: ResourceClaims = {
    ...{ kind: 'resource', id, parentId: id, subject, epoch: 0, methods, ...times, ...ends, host, resourceId },
  };
  const nobody = { userId: '', email: '', roles: [], groups: [] };
  const credential = { id: credentialId, method: 'certificate' } as const;
  const name = commonName === '' ? credentialId : commonName;
  return {
    claims,
    subject: { kind: 'holder', ...nobody, methods, mfa: false, authenticatedAtUnixMs: at, credential },
    identity: identityOf(facts, name),
    identityFields: identityFields({ user: name, groups: [] }),
    user: undefined,
  };
}

/** One object a certificate: assertions are compared by it. */
const IDENTITIES = new WeakMap<CertificateFacts, AssertedIdentity>();

function identityOf(facts: CertificateFacts, name: string): AssertedIdentity {
  const known = IDENTITIES.get(facts);
  if (known) return known;
  const identity: AssertedIdentity = { userId: `credential:certificate-${facts.fingerprint}`, name, roles: [] };
  IDENTITIES.set(facts, identity);
  return identity;
}

const PRESENTED = Symbol('the certificate that the client showed');
type KnownSocket = Socket & { [PRESENTED]?: PresentedCertificate | null };

/** Read once a connection. */
function presentedOn(socket: Socket): PresentedCertificate | undefined {
  const known = socket as KnownSocket;
  known[PRESENTED] ??= presentedCertificate(socket) ?? null;
  return known[PRESENTED] ?? undefined;
}

/** What the backend is told of a certificate that counts. Values are encoded, so that none is more than one line. */
export function certificateFields({ facts }: AcceptedCertificate): string[] {
  const { fingerprint, serial, subject, issuer, notAfterUnixMs, commonName, emails } = facts;
  const fields = ['X-Manis-Client-Cert-Fingerprint', fingerprint, 'X-Manis-Client-Cert-Serial', serial];
  fields.push(
    'X-Manis-Client-Cert-Subject',
    encodeIdentityValue(subject),
    'X-Manis-Client-Cert-Issuer',
    encodeIdentityValue(issuer),
  );
  fields.push('X-Manis-Client-Cert-Not-After', new Date(notAfterUnixMs).toISOString());
  if (commonName !== '') fields.push('X-Manis-Client-Cert-Common-Name', encodeIdentityValue(commonName));
  if (emails.length > 0) fields.push('X-Manis-Client-Cert-Emails', encodeIdentityValue(emails.join(',')));
  return fields;
}
