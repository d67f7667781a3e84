import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ManisCookies, PortalClaims } from '../core/session/index.ts';
import type { SignedIn } from './authenticate.ts';
import type { Admitted } from './door.ts';

export type AtPortal = Admitted & { readonly kind: 'portal' };

/** One request to the portal, with its answer and who is asking. */
export interface PortalVisit {
  readonly at: AtPortal;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly cookies: ManisCookies;
  readonly signedIn: SignedIn<PortalClaims> | undefined;
}
