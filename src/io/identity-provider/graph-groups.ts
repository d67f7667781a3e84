import type { Claims } from '../../core/identity/index.ts';
import { guardedRequest, jsonOf } from './guarded-request.ts';
import type { ProviderClientSettings } from './identity-provider.ts';
import { ProviderFailure } from './provider-failure.ts';

/**
 * Microsoft leaves the groups out of a token for whoever is in more than 200 and says so (`hasgroups`, or `_claim_names` with
 * `groups`). Then Microsoft Graph is asked, at the address that was set: never at the one that the token names, which
 * is of an interface that has been switched off. Without the right to ask, signing in goes on without groups.
 */
export async function completeGroups(
  claims: Claims,
  accessToken: string,
  settings: ProviderClientSettings,
): Promise<Claims> {
  if (settings.graphUrl === undefined || !isOverage(claims)) return claims;
  const url = new URL(`${settings.graphUrl.replace(/\/$/, '')}/me/getMemberObjects`);
  const response = await guardedRequest(
    url,
    {
      method: 'POST',
      headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ securityEnabledOnly: true }),
    },
    settings,
  );
  if (response.status === 401 || response.status === 403)
    return { ...claims, groups: [], groups_missing: 'the client may not ask Microsoft Graph for groups' };
  const answer = await jsonOf(response, url);
  if (response.status === 200 && Array.isArray(answer['value'])) return { ...claims, groups: answer['value'] };
  throw new ProviderFailure(
    'provider-answer-refused',
    `${url.origin} does not say the groups (status ${response.status})`,
  );
}

function isOverage(claims: Claims): boolean {
  const names = claims['_claim_names'];
  const namesGroups = typeof names === 'object' && names !== null && Object.hasOwn(names, 'groups');
  return (
    claims['groups'] === undefined && (namesGroups || claims['hasgroups'] === true || claims['hasgroups'] === 'true')
  );
}
