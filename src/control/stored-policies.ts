/** Policies as the store has them, compiled as PoPs do. */
import {
  type CompiledPolicy,
  compile,
  compileLists,
  compileOrganisation,
  type NamedList,
  type OrganisationPolicy,
  type Policy,
} from '../core/policy/index.ts';
import { findOrganisationPolicy, listNamedLists, type Queries, type ResourcesTable } from '../io/store/index.ts';

const STORED = 'stored';

/** What an organisation says of all its resources; with a draft in place of its rules, where there is one. */
export async function storedOrganisation(
  queries: Queries,
  organisationId: string,
  draft?: Policy,
): Promise<OrganisationPolicy> {
  const stored = (await findOrganisationPolicy(queries, organisationId)) ?? '{"rules":[]}';
  const policy = draft ?? (JSON.parse(stored) as Policy);
  const rows = await listNamedLists(queries, organisationId);
  const lists = Object.fromEntries(rows.map((row) => [row.name, JSON.parse(row.list) as NamedList]));
  return compileOrganisation(policy, STORED, compileLists(lists));
}

export function compileStored(row: Pick<ResourcesTable, 'policy'>, organisation: OrganisationPolicy): CompiledPolicy {
  return compile({ resource: JSON.parse(row.policy) as Policy, organisation, version: STORED });
}
