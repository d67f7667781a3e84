import { type OrganisationPolicyRecord, RecordTable, type SnapshotState } from '../core/link/index.ts';
import {
  type CriterionName,
  compileLists,
  compileOrganisation,
  criteriaUsed,
  type OrganisationPolicy,
} from '../core/policy/index.ts';
import type { GeographyNeeds } from '../io/geo/client-geography.ts';
import { PublishedResource } from './published-resource.ts';

interface KnownOrganisation {
  readonly record: OrganisationPolicyRecord;
  readonly policy: OrganisationPolicy;
}

/** The resources of one version and what their organisations say of them; what did not change is taken over. */
export class PublishedPolicies {
  readonly resources: ReadonlyMap<string, PublishedResource>;
  readonly #organisations: ReadonlyMap<string, KnownOrganisation>;
  /** What any policy asks of addresses, or ever asked: what was read once is kept. */
  readonly geography: GeographyNeeds;

  private constructor(
    resources: PublishedPolicies['resources'],
    organisations: ReadonlyMap<string, KnownOrganisation>,
    geography: GeographyNeeds,
  ) {
    this.resources = resources;
    this.#organisations = organisations;
    this.geography = geography;
  }

  /** `organisationId`: whose those resources are that do not say. */
  static of(
    state: SnapshotState,
    organisationId: string,
    previous?: { readonly state: SnapshotState; readonly policies: PublishedPolicies },
  ): PublishedPolicies {
    const old = previous?.policies;
    const differs = (kind: 'resource' | 'organisationPolicy'): boolean =>
      !previous || state.records.differsIn(previous.state.records, kind);
    if (old && !differs('resource') && !differs('organisationPolicy')) return old;
    const version = `${state.version.epoch}.${state.version.revision}`;
    const organisations =
      old && !differs('organisationPolicy') ? old.#organisations : organisationsOf(state, version, old);
    const resources = new Map(old?.resources);
    const criteria = new Set<CriterionName>();
    const older = previous?.state.records ?? RecordTable.EMPTY;
    for (const record of state.records.putSince(older, 'resource')) {
      const organisation = organisations.get(record.organisationId ?? organisationId)?.policy;
      resources.set(record.id, new PublishedResource(record, organisation, version));
      for (const name of criteriaUsed(record.policy)) criteria.add(name);
    }
    if (resources.size > state.records.sizeOf('resource'))
      for (const id of resources.keys()) if (!state.records.entry({ kind: 'resource', id })) resources.delete(id);
    if (old && organisations !== old.#organisations)
      for (const [id, { record, organisation }] of resources) {
        const current = organisations.get(record.organisationId ?? organisationId)?.policy;
        if (organisation !== current) resources.set(id, new PublishedResource(record, current, version));
      }
    return new PublishedPolicies(resources, organisations, needsOf(organisations, criteria, old?.geography));
  }

  /** Of one organisation that was compiled from this very record. */
  compiledFrom(record: OrganisationPolicyRecord): KnownOrganisation | undefined {
    const known = this.#organisations.get(record.id);
    return known?.record === record ? known : undefined;
  }
}

function organisationsOf(
  state: SnapshotState,
  version: string,
  old: PublishedPolicies | undefined,
): ReadonlyMap<string, KnownOrganisation> {
  const compiled = (record: OrganisationPolicyRecord): KnownOrganisation => ({
    record,
    policy: compileOrganisation(record.policy, version, compileLists(record.lists)),
  });
  return new Map(
    [...state.ofKind('organisationPolicy')].map((record) => [record.id, old?.compiledFrom(record) ?? compiled(record)]),
  );
}

function needsOf(
  organisations: ReadonlyMap<string, KnownOrganisation>,
  criteria: Set<CriterionName>,
  before: GeographyNeeds | undefined,
): GeographyNeeds {
  const kinds = new Set<string>();
  for (const { record } of organisations.values()) {
    for (const name of criteriaUsed(record.policy)) criteria.add(name);
    for (const { kind } of Object.values(record.lists)) kinds.add(kind);
  }
  return {
    country: before?.country || criteria.has('country') || criteria.has('continent') || kinds.has('countries'),
    asn: before?.asn || criteria.has('asn') || kinds.has('asns'),
  };
}
