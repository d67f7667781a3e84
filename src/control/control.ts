import type { Clock, Random } from '../base/index.ts';
import type { SigningPort } from '../core/link/index.ts';
import type { Revocation, SessionCrypto } from '../core/session/index.ts';
import type { IdentityProviders } from '../io/identity-provider/index.ts';
import type { Log } from '../io/log.ts';
import type { KeptPackage } from '../io/package/kept-package.ts';
import type { PasswordHasher } from '../io/passwords.ts';
import type { Store, StoreTransaction } from '../io/store/index.ts';
import type { Afterwards } from './afterwards.ts';
import type { HostCertificates } from './certificates/host-certificates.ts';
import type { CertificateFiles } from './domains/certificate-files.ts';
import type { DomainWatch } from './domains/domain-watch.ts';
import type { ControlKeys } from './keys.ts';
import type { Links } from './links.ts';
import type { LiveHub } from './live/live-hub.ts';
import type { Mailer } from './mail/mailer.ts';
import type { Publisher } from './publish/publisher.ts';
import type { SignInLimits } from './sign-in-limits.ts';

/** Who does something, and from where; for rights and for the audit. */
export interface Actor {
  /** `user:usr_...`, `token:tok_...`, `pop:pop_...`, `system`. */
  readonly name: string;
  readonly clientAddress: string;
  /** Where it is done; left out or null: to the installation, or to an account. */
  readonly organisationId?: string | null;
  /** What it has looked at is of this revision, and is to be so still when it is changed. */
  readonly atRevision?: number;
}

/** What a change was, for the audit. Never a secret. */
export interface AuditNote {
  readonly action: string;
  readonly subject: string | null;
  readonly outcome?: string;
  /** Whose it is, where that is another organisation than the actor's. */
  readonly organisationId?: string | null;
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** The parts of a running control node, put together once in `start-control.ts` and handed to whoever needs them. */
export interface Control {
  readonly clock: Clock;
  readonly random: Random;
  readonly crypto: SessionCrypto;
  readonly signing: SigningPort;
  readonly log: Log;
  readonly store: Store;
  readonly keys: ControlKeys;
  readonly hasher: PasswordHasher;
  readonly limits: SignInLimits;
  readonly mailer: Mailer;
  /** Tells people and programs of what happens. */
  readonly notices: {
    start(): void;
    /** There may be something to send. */
    wake(): void;
    /** A change that PoPs learn of, in its transaction. */
    changed(transaction: StoreTransaction, actor: Actor, note: AuditNote): Promise<void>;
    stop(): Promise<void>;
  };
  readonly identityProviders: IdentityProviders;
  readonly afterwards: Afterwards;
  readonly publisher: Publisher;
  readonly links: Links;
  /** Tells those who look what happens now. */
  readonly live: LiveHub;
  /** Looks after the certificates that directories issue. */
  readonly certificates: { wake(): void; stop(): Promise<void> };
  readonly domains: DomainWatch;
  readonly certificateFiles: CertificateFiles;
  readonly software: string;
  /** This program as a package, for machines that join. Undefined: this node has none to give. */
  readonly ownPackage: KeptPackage | undefined;
  /** The organisation that was there from the start. */
  readonly organisationId: string;
  readonly portalHost: string;
  readonly publicPort: number;
  /** `https://host:port`, where nodes reach this control. Known once it listens. */
  readonly url: () => string;
  /** PEM of the certificate authority that control's own certificate chains to. */
  readonly caPem: () => string;
  /** Sees that every host has a certificate; publishes new ones. */
  readonly ensureCertificates: () => Promise<void>;
  /** What a host that comes or goes means for certificates, in the transaction that adds or removes it. */
  readonly hostCertificates: Pick<HostCertificates, 'comes' | 'goes'>;
  /** Call when such a transaction is over: does what one host alone could not say. */
  readonly hostsChanged: () => Promise<void>;
}

/** What a change leaves behind: its value, its audit note, and what it revokes. */
export interface Changed<Value> {
  readonly value: Value;
  readonly note: AuditNote;
  readonly revoke?: readonly Revocation[];
}

/** A change to what PoPs know: one transaction with its audit event and its revocations, then published. */
export type ChangeWork<Value> = (transaction: StoreTransaction) => Promise<Changed<Value>>;
