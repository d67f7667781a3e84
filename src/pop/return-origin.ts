import { readAuthorizeRequest } from '../core/session/index.ts';
import type { AtPortal } from './portal-visit.ts';

/** After a form the browser may be led on to a resource, which form-action has to allow. */
export function formTargetsTo({ view }: AtPortal, returnTo: string): string[] {
  if (!returnTo.startsWith('/authorize?')) return [];
  const asked = readAuthorizeRequest(returnTo.slice('/authorize'.length));
  return typeof asked !== 'string' && view.resourceToReturnTo(asked) ? [view.originOf(asked.host)] : [];
}
