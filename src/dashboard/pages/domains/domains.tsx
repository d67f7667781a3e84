import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Globe2, Plus } from 'lucide-react';
import { useState } from 'react';
import { answerOf } from '../../../api/client.ts';
import { useChange } from '../../frame/change.ts';
import { api } from '../../frame/client.ts';
import { Badge } from '../../look/badge.tsx';
import { Button } from '../../look/button.tsx';
import { Choices, TextField } from '../../look/field.tsx';
import { FormDialog } from '../../look/form-dialog.tsx';
import { Card, Empty, Page } from '../../look/page.tsx';
import { faultOf, Loading, ProblemNote } from '../../look/problem.tsx';
import { RowLink } from '../../look/row-link.tsx';
import { type Column, Table } from '../../look/table.tsx';
import { Ago } from '../../look/time.tsx';
import { TEXTS } from '../../texts/index.ts';
import { domainsQuery } from '../applications/host-field.tsx';
import { DOMAIN_STANDINGS, type Domain } from './domain-shape.ts';
import { DomainTabs } from './domain-tabs.tsx';

const texts = TEXTS.domains;
const REFRESH_MS = 10_000;

const modeOf = ({ mode }: Domain) => texts.modeNames[mode];
const certificateOf = ({ certificate }: Domain) => texts.certificateNames[certificate];

const COLUMNS: readonly Column<Domain>[] = [
  {
    name: texts.name,
    sortBy: ({ name }) => name,
    cell: ({ id, name }) => (
      <RowLink to="/domains/$id" params={{ id }}>
        {name}
      </RowLink>
    ),
  },
  {
    name: TEXTS.applications.state,
    stacked: 'corner',
    sortBy: ({ state }) => texts.states[state],
    cell: ({ state, records }) => (
      <span className="flex flex-wrap items-center gap-2">
        <Badge standing={DOMAIN_STANDINGS[state]}>{texts.states[state]}</Badge>
        {state !== 'verified' && <span className="text-sm text-quiet">{doneText(records)}</span>}
      </span>
    ),
  },
  { name: texts.mode, sortBy: modeOf, isWide: true, cell: modeOf },
  { name: texts.certificate, sortBy: certificateOf, isWide: true, cell: certificateOf },
  {
    name: texts.checked,
    sortBy: ({ checkedUnixMs }) => checkedUnixMs ?? 0,
    isWide: true,
    cell: ({ checkedUnixMs }) => (checkedUnixMs === null ? texts.never : <Ago unixMs={checkedUnixMs} />),
  },
];

export function doneText(records: Domain['records']): string {
  const needed = records.filter(({ isRequired }) => isRequired);
  if (needed.length === 0) return '';
  return texts.done(needed.filter(({ state }) => state === 'fine').length, needed.length);
}

export function DomainsPage() {
  const domains = useQuery({ ...domainsQuery, refetchInterval: REFRESH_MS });
  const [isAdding, setAdding] = useState(false);
  const add = (
    <Button kind="first" icon={<Plus size={16} aria-hidden="true" />} onClick={() => setAdding(true)}>
      {texts.add}
    </Button>
  );
  return (
    <Page title={texts.title} lead={texts.lead} actions={add} above={<DomainTabs />}>
      {domains.isPending && <Loading />}
      {domains.isError && <ProblemNote error={domains.error} retry={() => void domains.refetch()} />}
      {domains.data && (
        <Card isFlush className="pt-1">
          {domains.data.length === 0 ? (
            <Empty icon={<Globe2 />} title={texts.none} actions={add}>
              {texts.noneLead}
            </Empty>
          ) : (
            <Table caption={texts.title} columns={COLUMNS} rows={domains.data} keyOf={({ id }) => id} />
          )}
        </Card>
      )}
      {isAdding && <AddDomain onClose={() => setAdding(false)} />}
    </Page>
  );
}

function AddDomain({ onClose }: { readonly onClose: () => void }) {
  const [name, setName] = useState('');
  const [mode, setMode] = useState<Domain['mode']>('wildcard-cname');
  const navigate = useNavigate();
  const add = useChange({
    run: () => answerOf(api.POST('/domains', { body: { name, mode } })),
    shows: ['domains'],
    isForm: true,
    onDone: ({ id }) => navigate({ to: '/domains/$id', params: { id } }),
  });
  return (
    <FormDialog title={texts.add} lead={texts.lead} action={texts.add} change={add} fields={['name']} onClose={onClose}>
      <TextField
        label={texts.name}
        hint={texts.nameHint}
        required
        isCode
        value={name}
        fault={faultOf(add.error, 'name')}
        onChange={({ target }) => setName(target.value)}
      />
      <Choices legend={texts.mode} value={mode} onChange={setMode} options={choicesOf(texts.modes)} />
    </FormDialog>
  );
}

export function choicesOf<Word extends string>(words: Readonly<Record<Word, readonly [label: string, hint: string]>>) {
  return (Object.entries(words) as [Word, readonly [string, string]][]).map(([value, [label, hint]]) => ({
    value,
    label,
    hint,
  }));
}
