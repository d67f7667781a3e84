/** What an organisation says of all its resources. */
export interface OrganisationPoliciesTable {
  organisation_id: string;
  /** JSON; see core/policy. */
  policy: string;
}

/** Lists that rules name. */
export interface NamedListsTable {
  organisation_id: string;
  name: string;
  /** JSON; see core/policy. */
  list: string;
  updated_unix_ms: number;
  source?: string | null | undefined;
}

export interface PolicyTables {
  organisation_policies: OrganisationPoliciesTable;
  named_lists: NamedListsTable;
}
