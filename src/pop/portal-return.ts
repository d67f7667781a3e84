import { isBelow, normaliseTarget } from '../core/policy/index.ts';
import { returnTargetOrRoot } from '../core/session/index.ts';

/** Pages at which something begins by being opened. */
const BEGINNINGS = '/sign-in';

/**
 * Where somebody goes on to at the portal when they have proved who they are. Whoever made the link that they came by has
 * chosen it, and browsers take what follows upon our own form for our own wish: so it never begins to connect them with an
 * account at a provider.
 */
export function portalReturn(text: string): string {
  const returnTo = returnTargetOrRoot(text);
  const target = normaliseTarget(returnTo);
  return typeof target === 'string' || isBelow(target, BEGINNINGS) ? '/' : returnTo;
}
