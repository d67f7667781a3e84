import { fieldValue } from '../core/routing/index.ts';
import type { HttpRequest } from '../io/http/message.ts';

/** A form of ours must come from the host that showed it; its own token is checked besides. */
export function faultInFormOrigin(
  { authority }: { readonly authority: string },
  request: HttpRequest,
): 'origin-differs' | 'site-differs' | undefined {
  const origin = fieldValue(request.rawHeaders, 'origin');
  if (origin !== undefined && origin !== `https://${authority}`) return 'origin-differs';
  const site = fieldValue(request.rawHeaders, 'sec-fetch-site');
  return site === undefined || site === 'same-origin' ? undefined : 'site-differs';
}
