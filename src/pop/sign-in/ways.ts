import type { AuthorizeRequest } from '../../core/session/index.ts';
import type { PublishedResource } from '../snapshot-view.ts';

/** Where the browser is on its way to. */
export interface AskedResource {
  readonly request: AuthorizeRequest;
  readonly resource: PublishedResource;
}

/** What can help somebody who is not let in yet. */
export interface Ways {
  /** Signing in with an account. */
  readonly accounts: boolean;
  /** Proving an address of mail that is on the resource's list. */
  readonly guests: boolean;
  /** Kinds of credentials that the resource takes; undefined: whichever it has. */
  readonly credentials: readonly string[] | undefined;
}

/** Until decisions say what would help, everything that is configured is offered. */
export function waysTo(asked: AskedResource | undefined): Ways {
  if (asked === undefined) return { accounts: true, guests: false, credentials: [] };
  return { accounts: true, guests: true, credentials: undefined };
}
