import type { OrganisationPolicyRecord } from '../../core/link/index.ts';
import type { NamedList, Policy } from '../../core/policy/index.ts';
import type { PublishedRows } from '../../io/store/index.ts';

/** One for each organisation that has rules or lists. */
export function organisationPoliciesOf(
  rows: Pick<PublishedRows, 'namedLists' | 'organisationPolicies'>,
): OrganisationPolicyRecord[] {
  const lists = Map.groupBy(rows.namedLists, (row) => row.organisation_id);
  const policies = new Map(rows.organisationPolicies.map((row) => [row.organisation_id, row.policy]));
  const ids = new Set([...policies.keys(), ...lists.keys()]);
  return [...ids].sort().map((id) => ({
    kind: 'organisationPolicy',
    id,
    policy: JSON.parse(policies.get(id) ?? '{"rules":[]}') as Policy,
    lists: Object.fromEntries((lists.get(id) ?? []).map((row) => [row.name, JSON.parse(row.list) as NamedList])),
  }));
}
