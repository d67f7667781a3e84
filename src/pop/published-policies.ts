import {
  type OrganisationPolicyRecord,
  RecordTable,
  type ResourceRecord,
  type SnapshotState,
  type StreamResourceRecord,
} from '../core/link/index.ts';
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

type KnownOrganisations = ReadonlyMap<string, KnownOrganisation>;

/** A resource that carries bytes or datagrams, ready for connections. */
export type PublishedStream = PublishedResource<StreamResourceRecord>;

/** What any policy asks, or ever asked: what was read once is kept. */
export interface PolicyNeeds extends GeographyNeeds {
  /** Who signed in from which address. */
  readonly signIns: boolean;
}

/** The resources of one version and what their organisations say of them; what did not change is taken over. */
export class PublishedPolicies {
  readonly resources: ReadonlyMap<string, PublishedResource>;
  readonly streams: ReadonlyMap<string, PublishedStream>;
  readonly #organisations: KnownOrganisations;
  readonly needs: PolicyNeeds;

  private constructor(
    resources: PublishedPolicies['resources'],
    streams: PublishedPolicies['streams'],
    organisations: KnownOrganisations,
    needs: PolicyNeeds,
  ) {
    this.resources = resources;
    this.streams = streams;
    this.#organisations = organisations;
    this.needs = needs;
  }

  /** `organisationId`: whose those resources are that do not say. */
  static of(
    state: SnapshotState,
    organisationId: string,
    previous?: { readonly state: SnapshotState; readonly policies: PublishedPolicies },
  ): PublishedPolicies {
    const old = previous?.policies;
    const differs = (kind: 'resource' | 'streamResource' | 'organisationPolicy'): boolean =>
      !previous || state.records.differsIn(previous.state.records, kind);
    const isSame = { resource: !differs('resource'), streamResource: !differs('streamResource') };
    const isSamePolicy = !differs('organisationPolicy');
    if (old && isSame.resource && isSame.streamResource && isSamePolicy) return old;
    const version = `${state.version.epoch}.${state.version.revision}`;
    const organisations = old && isSamePolicy ? old.#organisations : organisationsOf(state, version, old);
    const criteria = new Set<CriterionName>();
    const renewal = {
      state,
      older: previous?.state.records ?? RecordTable.EMPTY,
      version,
      criteria,
      isOrganisationNew: !isSamePolicy,
      organisationOf: (record: Pick<ResourceRecord, 'organisationId'>) =>
        organisations.get(record.organisationId ?? organisationId)?.policy,
    };
    const resources =
      old && isSame.resource && isSamePolicy ? old.resources : renewed('resource', renewal, old?.resources);
    const streams =
      old && isSame.streamResource && isSamePolicy ? old.streams : renewed('streamResource', renewal, old?.streams);
    return new PublishedPolicies(resources, streams, organisations, needsOf(organisations, criteria, old?.needs));
  }

  /** Of one organisation that was compiled from this very record. */
  compiledFrom(record: OrganisationPolicyRecord): KnownOrganisation | undefined {
    const known = this.#organisations.get(record.id);
    return known?.record === record ? known : undefined;
  }
}

interface JudgedRecords {
  readonly resource: ResourceRecord;
  readonly streamResource: StreamResourceRecord;
}

interface Renewal {
  readonly state: SnapshotState;
  readonly older: RecordTable;
  readonly version: string;
  /** Takes what the policies of new records ask. */
  readonly criteria: Set<CriterionName>;
  /** What an organisation says may have changed. */
  readonly isOrganisationNew: boolean;
  readonly organisationOf: (record: Pick<ResourceRecord, 'organisationId'>) => OrganisationPolicy | undefined;
}

/** The resources of one kind: new objects for what changed, itself or what its organisation says. */
function renewed<Kind extends keyof JudgedRecords>(
  kind: Kind,
  { state, older, version, criteria, organisationOf, isOrganisationNew }: Renewal,
  old: ReadonlyMap<string, PublishedResource<JudgedRecords[Kind]>> | undefined,
): ReadonlyMap<string, PublishedResource<JudgedRecords[Kind]>> {
  const found = new Map(old);
  for (const each of state.records.putSince(older, kind)) {
    const record = each as JudgedRecords[Kind];
    found.set(record.id, new PublishedResource(record, organisationOf(record), version));
    for (const name of criteriaUsed(record.policy)) criteria.add(name);
  }
  if (found.size > state.records.sizeOf(kind))
    for (const id of found.keys()) if (!state.records.entry({ kind, id })) found.delete(id);
  if (!isOrganisationNew) return found;
  for (const [id, { record, organisation }] of found) {
    const current = organisationOf(record);
    if (organisation !== current) found.set(id, new PublishedResource(record, current, version));
  }
  return found;
}

function organisationsOf(
  state: SnapshotState,
  version: string,
  old: PublishedPolicies | undefined,
): KnownOrganisations {
  const compiled = (record: OrganisationPolicyRecord): KnownOrganisation => ({
    record,
    policy: compileOrganisation(record.policy, version, compileLists(record.lists)),
  });
  return new Map(
    [...state.ofKind('organisationPolicy')].map((record) => [record.id, old?.compiledFrom(record) ?? compiled(record)]),
  );
}

function needsOf(
  organisations: KnownOrganisations,
  criteria: Set<CriterionName>,
  before: PolicyNeeds | undefined,
): PolicyNeeds {
  const kinds = new Set<string>();
  for (const { record } of organisations.values()) {
    for (const name of criteriaUsed(record.policy)) criteria.add(name);
    for (const { kind } of Object.values(record.lists)) kinds.add(kind);
  }
  return {
    country: before?.country || criteria.has('country') || criteria.has('continent') || kinds.has('countries'),
    asn: before?.asn || criteria.has('asn') || kinds.has('asns'),
    signIns: before?.signIns || criteria.has('recentSignIn'),
  };
}
