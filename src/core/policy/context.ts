import type { IpAddress } from '../../base/address.ts';
import type { NormalisedTarget } from './request-target.ts';

/** What a policy may look at in a request. Built once a request, by the ingress. */
export interface PolicyContext {
  /** The client's address behind trusted proxies, IPv4-mapped addresses unmapped; undefined where it is not known. */
  readonly clientAddress: IpAddress | undefined;
  /** The one normalised target, the same that goes to the backend. */
  readonly target: NormalisedTarget;
  /** The request method as it was sent; methods are case-sensitive (RFC 9110 section 9.1). */
  readonly method: string;
  /** Milliseconds since the Unix epoch. */
  readonly nowUnixMs: number;
}

/** Who is signed in, as the snapshot and the session say. `undefined` in place of a subject means nobody. */
export interface Subject {
  readonly userId: string;
  readonly roles: readonly string[];
  readonly groups: readonly string[];
  /** How the person proved who they are (see `LoginMethod`). */
  readonly methods: readonly string[];
  /** Whether a second factor, or one that stands for two, was given. */
  readonly mfa: boolean;
  /** When the person last proved who they are, in milliseconds since the Unix epoch. */
  readonly authenticatedAtUnixMs: number;
}
