import { useQuery } from '@tanstack/react-query';
import { FlaskConical } from 'lucide-react';
import { useCallback, useState } from 'react';
import { answerOf } from '../../../api/client.ts';
import { api } from '../../frame/client.ts';
import { type ApplicationSort, useSearchedList } from '../../frame/lists.ts';
import { ButtonLink } from '../../look/button.tsx';
import { Card, Page } from '../../look/page.tsx';
import { Loading, ProblemNote } from '../../look/problem.tsx';
import { RowLink } from '../../look/row-link.tsx';
import { SearchField } from '../../look/search.tsx';
import type { Column } from '../../look/table.tsx';
import { VirtualTable } from '../../look/virtual-table.tsx';
import { TEXTS } from '../../texts/index.ts';
import type { Application } from '../applications/application-shape.ts';
import type { NameOf } from './criteria.ts';
import { NamedLists } from './named-lists.tsx';
import { useNames } from './names.ts';
import { asPolicy, type Policy } from './policy-model.ts';
import { ruleSentence } from './sentences.ts';

const texts = TEXTS.policies;

export function PoliciesPage() {
  return (
    <Page
      title={texts.title}
      lead={texts.lead}
      actions={
        <ButtonLink to="/simulator" icon={<FlaskConical size={16} aria-hidden="true" />}>
          {texts.simulator}
        </ButtonLink>
      }
    >
      <OrganisationRules />
      <ApplicationPolicies />
      <NamedLists />
    </Page>
  );
}

export const organisationPolicyQuery = {
  queryKey: ['organisation-policy'],
  queryFn: () => answerOf(api.GET('/organisation/policy')),
};

function OrganisationRules() {
  const policy = useQuery(organisationPolicyQuery);
  const names = useNames(policy.data);
  return (
    <Card
      title={texts.organisation}
      lead={texts.organisationLead}
      actions={<ButtonLink to="/policies/organisation">{texts.edit}</ButtonLink>}
    >
      {policy.isPending && <Loading />}
      {policy.isError && <ProblemNote error={policy.error} retry={() => void policy.refetch()} />}
      {policy.data && (
        <RuleSentences policy={asPolicy(policy.data)} nameOf={names.nameOf} none={texts.noOrganisationRules} />
      )}
    </Card>
  );
}

/** The rules in their order, said and not edited. */
export function RuleSentences({
  policy,
  nameOf,
  none,
}: {
  readonly policy: Policy;
  readonly nameOf: NameOf;
  readonly none: string;
}) {
  const rules = policy.rules.filter(({ enabled }) => enabled !== false);
  if (rules.length === 0) return <p className="text-quiet">{none}</p>;
  return (
    <ol className="grid gap-1.5">
      {rules.map((rule, index) => (
        <li key={rule.id} className="flex gap-3">
          <span className="w-4 shrink-0 text-right text-quiet tabular-nums">{index + 1}</span>
          <span className="min-w-0 break-words">{ruleSentence(rule, nameOf)}</span>
        </li>
      ))}
    </ol>
  );
}

function ApplicationPolicies() {
  const [search, setSearch] = useState('');
  const [sort, setSort] = useState<string>();
  const { query, items, count } = useSearchedList(
    'applications',
    search,
    (asked) => answerOf(api.GET('/resources', { params: { query: asked } })),
    sort as ApplicationSort | undefined,
  );
  const names = useNames(items.length < NAMED_ROWS ? items.map(({ policy }) => policy) : undefined);
  const { fetchNextPage } = query;
  const more = useCallback(() => void fetchNextPage({ cancelRefetch: false }), [fetchNextPage]);
  return (
    <Card isFlush className="pt-4">
      <SearchField label={TEXTS.applications.searchLabel} value={search} onChange={setSearch} />
      {query.isPending && <Loading />}
      {query.isError && <ProblemNote error={query.error} retry={() => void query.refetch()} />}
      {query.data && items.length === 0 && <p className="px-5 pb-5 text-quiet">{TEXTS.applications.noneFound}</p>}
      {items.length > 0 && (
        <VirtualTable
          caption={texts.title}
          columns={columnsFor(names.nameOf)}
          rows={items}
          count={count}
          keyOf={({ id }) => id}
          sorting={{ by: sort, onSort: setSort }}
          onEndNear={more}
        />
      )}
    </Card>
  );
}
/** Beyond this nobody reads every name. */
const NAMED_ROWS = 400;

function columnsFor(nameOf: NameOf): readonly Column<Application>[] {
  return [
    {
      name: texts.application,
      sort: 'name',
      cell: ({ id, name }) => (
        <RowLink to="/policies/$id" params={{ id }}>
          {name}
        </RowLink>
      ),
    },
    { name: texts.whoComesIn, cell: ({ policy }) => <Summary policy={asPolicy(policy)} nameOf={nameOf} /> },
  ];
}

function Summary({ policy, nameOf }: { readonly policy: Policy; readonly nameOf: NameOf }) {
  const rules = policy.rules.filter(({ enabled }) => enabled !== false);
  const [first] = rules;
  if (!first) return <span className="text-quiet">{texts.nobodyYet}</span>;
  return (
    <span className="break-words">
      {ruleSentence(first, nameOf)}{' '}
      {rules.length > 1 && <span className="text-quiet">{texts.moreRules(rules.length - 1)}</span>}
    </span>
  );
}
