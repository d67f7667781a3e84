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

/** What an organisation says of all its resources. */
export async function storedOrganisation(queries: Queries, organisationId: string): Promise<OrganisationPolicy> {
  const policy = JSON.parse((await findOrganisationPolicy(queries, organisationId)) ?? '{"rules":[]}') as Policy;
  const rows = await listNamedLists(queries, organisationId);
  const lists = Object.fromEntries(rows.map((row) => [row.name, JSON.parse(row.list) as NamedList]));
  return compileOrganisation(policy, STORED, compileLists(lists));
}

export function compileStored(row: Pick<ResourcesTable, 'policy'>, organisation: OrganisationPolicy): CompiledPolicy {
  return compile({ resource: JSON.parse(row.policy) as Policy, organisation, version: STORED });
}
