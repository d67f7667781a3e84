import { evaluate, normaliseTarget, plainContext, type WaysIn } from '../../core/policy/index.ts';
import type { AuthorizeRequest } from '../../core/session/index.ts';
import type { AtPortal } from '../portal-visit.ts';
import type { PublishedResource } from '../published-resource.ts';

/** Where the browser is on its way to. */
export interface AskedResource {
  readonly request: AuthorizeRequest;
  readonly resource: PublishedResource;
}

/** The portal itself is for accounts. */
const ACCOUNTS: WaysIn = { accounts: true, guests: false, credentials: [] };

/** What would help somebody who is nobody yet to get where they want, by the policy there and what is known of them here. */
export function waysTo({ context }: AtPortal, asked: AskedResource | undefined): WaysIn {
  const target = asked && normaliseTarget(asked.request.returnTo);
  if (!asked || target === undefined || typeof target === 'string') return ACCOUNTS;
  const { clientAddress, nowUnixMs, place, device, certificate } = context;
  const header = (name: string): string | undefined => context.header(name);
  const there = plainContext({ clientAddress, nowUnixMs, place, device, certificate, header, target, method: 'GET' });
  return evaluate(asked.resource.policy, there, undefined).ways ?? ACCOUNTS;
}
