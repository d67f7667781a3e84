import { fieldValue } from '../core/routing/index.ts';
import type { HttpResponse } from '../io/http/message.ts';
import type { Admitted } from './door.ts';

/** A year. Without includeSubDomains: names below that Manis does not serve are not its to promise for. */
const STRICT_TRANSPORT_SECURITY = ['Strict-Transport-Security', 'max-age=31536000'] as const;

type At = { readonly [Key in 'context' | 'view']: Admitted[Key] };

/**
 * Whether browsers are told to use HTTPS alone from now on (RFC 6797). A browser keeps that for the host on every port
 * and turns port 80 into 443, so it must hold only where 443 is Manis, and never for the localhost of a whole machine.
 */
export function isStrict({ context, view }: At): boolean {
  return view.installation.publicPort === 443 && !/(?:^|\.)localhost$/.test(context.host);
}

/** For an answer by Manis itself. */
export function demandHttps(at: At, response: HttpResponse): void {
  if (!response.headersSent && isStrict(at)) response.setHeader(...STRICT_TRANSPORT_SECURITY);
}

/** For the answer of a backend: added to its fields unless they say what the backend wants (section 8.1: the first counts). */
export function addStrictTransport(at: At, fields: string[]): void {
  if (isStrict(at) && fieldValue(fields, 'strict-transport-security') === undefined)
    fields.push(...STRICT_TRANSPORT_SECURITY);
}
