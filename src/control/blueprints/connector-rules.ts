/** What a connector may publish by itself: resources of its own site, at hosts that the site was given, with a policy of their own. */

import { isObject, type Json, type JsonObject } from '../../core/blueprint/index.ts';
import type { BlueprintNews } from '../../core/link/index.ts';
import { normaliseHost } from '../host-names.ts';
import { ControlFailure } from '../problems.ts';
import { mayPublishHost, type SitePublishing } from '../site-publishing.ts';

export interface ConnectorPlace {
  readonly siteName: string;
  readonly portalHost: string;
  readonly publishing: SitePublishing;
}

/** The entry as it may be applied, or why it may not. */
export function judgedEntry(name: string, entry: Json, place: ConnectorPlace): JsonObject | BlueprintNews {
  const refuse = (reason: string, text: string): BlueprintNews => ({ place: name.slice(0, 200), reason, text });
  if (!isObject(entry)) return refuse('entry-malformed', 'a resource is an object');
  const { kind = 'http', host, listen = null, targets = [], policy, http } = entry;
  // Of kind tls a resource may have a port of its own beside the one that all share.
  if ((kind !== 'http' && kind !== 'access' && kind !== 'tls') || listen !== null)
    return refuse(
      'kind-not-allowed',
      'ports of PoPs are given by people; a connector publishes kinds http, access and tls',
    );
  const fault = faultInHost(host, place);
  if (fault !== undefined) return refuse('host-not-allowed', fault);
  if (!place.publishing.bypass && opens(policy, http))
    return refuse(
      'bypass-not-allowed',
      'the site lets its connectors admit nobody without sign-in (publishing.bypass)',
    );
  if (!Array.isArray(targets)) return refuse('entry-malformed', 'targets are a list');
  const own: Json[] = [];
  for (const target of targets as readonly Json[]) {
    if (!isObject(target)) return refuse('entry-malformed', 'a target is an object');
    const { site = place.siteName } = target;
    if (site !== place.siteName) return refuse('site-not-allowed', `targets are at its own site, ${place.siteName}`);
    own.push({ ...target, site });
  }
  return { ...entry, targets: own };
}

function faultInHost(host: Json | undefined, { portalHost, publishing }: ConnectorPlace): string | undefined {
  if (typeof host !== 'string') return 'a resource needs a host';
  try {
    const name = normaliseHost(host, portalHost);
    return mayPublishHost(publishing, name)
      ? undefined
      : `${name}: the site lets its connectors publish ${publishing.hosts.join(', ')} (publishing.hosts)`;
  } catch (error) {
    if (error instanceof ControlFailure) return error.message;
    throw error;
  }
}

/** A rule that admits everybody, be it off: who may turn it on is not asked again. Or what lets requests past the policy. */
function opens(policy: Json | undefined, http: Json | undefined): boolean {
  const rules = isObject(policy) ? policy['rules'] : undefined;
  const cors = isObject(http) ? http['cors'] : undefined;
  const bypasses =
    Array.isArray(rules) && (rules as Json[]).some((one) => isObject(one) && kindOf(one['then']) === 'bypass');
  return bypasses || (isObject(cors) && cors['preflight'] === 'pass');
}

function kindOf(action: Json | undefined): Json | undefined {
  return isObject(action) ? action['kind'] : undefined;
}
