import type { StrictTransport } from '../core/link/index.ts';
import { fieldValue } from '../core/routing/index.ts';
import type { HttpResponse } from '../io/http/message.ts';
import type { Admitted } from './door.ts';

const NAME = 'Strict-Transport-Security';
/** A year. Without includeSubDomains: names below that Manis does not serve are not its to promise for. */
const EVERYWHERE = 'max-age=31536000';

type At = { readonly [Key in 'context' | 'view']: Admitted[Key] };

/**
 * What browsers are told of using HTTPS alone from now on (RFC 6797); undefined: nothing. A browser keeps that for the
 * host on every port and turns port 80 into 443, so it must hold only where 443 is Manis, and never for the localhost of
 * a whole machine.
 */
export function strictTransport({ context, view }: At): string | undefined {
  const { host } = context;
  if (view.installation.publicPort !== 443 || /(?:^|\.)localhost$/.test(host)) return undefined;
  const organisationId = view.resourceAt(host)?.record.organisationId ?? view.installation.organisationId;
  const said = view.domains.strictTransportAt(host, organisationId);
  return said ? textOf(said) : EVERYWHERE;
}

function textOf(said: StrictTransport): string | undefined {
  if (!said.isSaid) return undefined;
  const subDomains = said.includesSubDomains ? '; includeSubDomains' : '';
  return `max-age=${said.maxAgeSeconds}${subDomains}${said.preload ? '; preload' : ''}`;
}

/** For an answer by Manis itself. */
export function demandHttps(at: At, response: HttpResponse): void {
  const value = response.headersSent ? undefined : strictTransport(at);
  if (value !== undefined) response.setHeader(NAME, value);
}

/** For the answer of a backend: added to its fields unless they say what the backend wants (section 8.1: the first counts). */
export function addStrictTransport(at: At, fields: string[]): void {
  const value = strictTransport(at);
  if (value !== undefined && fieldValue(fields, 'strict-transport-security') === undefined) fields.push(NAME, value);
}
