import type { ManisCookies, PortalClaims } from '../core/session/index.ts';
import type { HttpRequest, HttpResponse } from '../io/http/message.ts';
import type { SignedIn } from './authenticate.ts';
import { MAXIMUM_USER_AGENT_LENGTH } from './constants.ts';
import type { ClientFacts } from './control-calls.ts';
import type { Admitted } from './door.ts';

export type AtPortal = Admitted & { readonly kind: 'portal' };

/** One request to the portal, with its answer and who is asking. */
export interface PortalVisit {
  readonly at: AtPortal;
  readonly request: HttpRequest;
  readonly response: HttpResponse;
  readonly cookies: ManisCookies;
  readonly signedIn: SignedIn<PortalClaims> | undefined;
}

/** Who is at the browser, for control. */
export function clientFacts({ at, request }: Pick<PortalVisit, 'at' | 'request'>): ClientFacts {
  const userAgent = request.headers['user-agent']?.slice(0, MAXIMUM_USER_AGENT_LENGTH) ?? '';
  return { clientAddress: at.context.clientAddressText, userAgent };
}
