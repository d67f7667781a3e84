import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { answerOf } from '../../../api/client.ts';
import { useChange } from '../../frame/change.ts';
import { api, meQuery } from '../../frame/client.ts';
import { Badge } from '../../look/badge.tsx';
import { Button } from '../../look/button.tsx';
import { TextField } from '../../look/field.tsx';
import { FormDialog } from '../../look/form-dialog.tsx';
import { Card } from '../../look/page.tsx';
import { faultOf, Loading, ProblemNote } from '../../look/problem.tsx';
import { RemoveButton } from '../../look/remove-button.tsx';
import { type Column, Table } from '../../look/table.tsx';
import { Ago } from '../../look/time.tsx';
import { TEXTS } from '../../texts/index.ts';
import { PersonPicker } from '../people/person-picker.tsx';
import { SettingsPage } from './settings-page.tsx';
import { type Administrator, type Organisation, organisationsQuery } from './settings-shape.ts';
import { BoundsDialog } from './usage.tsx';

const texts = TEXTS.settings;

export function InstallationPage() {
  return (
    <SettingsPage title={texts.installation} lead={texts.installationLead}>
      <Organisations />
      <Administrators />
    </SettingsPage>
  );
}

function Organisations() {
  const organisations = useQuery(organisationsQuery);
  const me = useQuery(meQuery);
  const [isAdding, setAdding] = useState(false);
  const [bounded, setBounded] = useState<Organisation>();
  const remove = useChange<Organisation>({
    run: ({ id }) => answerOf(api.DELETE('/organisations/{id}', { params: { path: { id } } })),
    shows: ['organisations', 'me'],
    done: (_done, { name }) => texts.organisationRemoved(name),
  });
  const columns: readonly Column<Organisation>[] = [
    {
      name: texts.name,
      sortBy: ({ name }) => name,
      cell: ({ id, name }) => (
        <span className="flex flex-wrap items-center gap-2 font-medium">
          {name}
          {id === me.data?.organisationId && <Badge standing="info">{texts.thisOne}</Badge>}
        </span>
      ),
    },
    { name: texts.domains, isWide: true, cell: ({ domains }) => domains.join(', ') || '–' },
    {
      name: texts.created,
      sortBy: ({ createdUnixMs }) => createdUnixMs,
      isWide: true,
      cell: ({ createdUnixMs }) => <Ago unixMs={createdUnixMs} />,
    },
    {
      name: TEXTS.frame.actions,
      isAction: true,
      cell: (organisation) => (
        <span className="flex justify-end gap-1">
          <Button kind="quiet" onClick={() => setBounded(organisation)}>
            {texts.bounds}
          </Button>
          {organisation.id !== me.data?.organisationId && (
            <RemoveButton
              kind="quiet"
              label={TEXTS.frame.remove}
              ask={texts.removeOrganisationAsk(organisation.name)}
              consequence={texts.removeOrganisationConsequence}
              isBusy={remove.isPending}
              onConfirm={() => remove.mutate(organisation)}
            />
          )}
        </span>
      ),
    },
  ];
  return (
    <>
      {organisations.isPending && <Loading />}
      {organisations.isError && <ProblemNote error={organisations.error} />}
      {organisations.data && (
        <Card
          title={texts.organisations}
          lead={texts.organisationsLead}
          isFlush
          actions={
            <Button icon={<Plus size={16} aria-hidden="true" />} onClick={() => setAdding(true)}>
              {texts.addOrganisation}
            </Button>
          }
        >
          <Table caption={texts.organisations} columns={columns} rows={organisations.data} keyOf={({ id }) => id} />
        </Card>
      )}
      {bounded && <BoundsDialog organisation={bounded} onClose={() => setBounded(undefined)} />}
      {isAdding && <AddOrganisation onClose={() => setAdding(false)} />}
    </>
  );
}

function AddOrganisation({ onClose }: { readonly onClose: () => void }) {
  const [name, setName] = useState('');
  const [ownerEmail, setOwnerEmail] = useState('');
  const add = useChange({
    run: () => answerOf(api.POST('/organisations', { body: { name, ...(ownerEmail !== '' && { ownerEmail }) } })),
    shows: ['organisations', 'me'],
    isForm: true,
    onDone: onClose,
  });
  return (
    <FormDialog
      title={texts.addOrganisation}
      lead={texts.organisationsLead}
      action={texts.addOrganisation}
      change={add}
      fields={['name', 'ownerEmail']}
      onClose={onClose}
    >
      <TextField
        label={texts.name}
        required
        value={name}
        fault={faultOf(add.error, 'name')}
        onChange={({ target }) => setName(target.value)}
      />
      <TextField
        label={texts.ownerEmail}
        hint={texts.ownerEmailHint}
        type="email"
        value={ownerEmail}
        fault={faultOf(add.error, 'ownerEmail')}
        onChange={({ target }) => setOwnerEmail(target.value)}
      />
    </FormDialog>
  );
}

function Administrators() {
  const me = useQuery(meQuery);
  const administrators = useQuery({
    queryKey: ['administrators'],
    queryFn: () => answerOf(api.GET('/installation/administrators')),
  });
  const params = (id: string) => ({ params: { path: { id } } });
  const add = useChange<string>({
    run: (id) => answerOf(api.PUT('/installation/administrators/{id}', params(id))),
    shows: ['administrators'],
    done: texts.administratorAdded,
  });
  const withdraw = useChange<string>({
    run: (id) => answerOf(api.DELETE('/installation/administrators/{id}', params(id))),
    shows: ['administrators'],
  });
  const items = administrators.data?.items ?? [];
  const columns: readonly Column<Administrator>[] = [
    {
      name: texts.name,
      sortBy: ({ name, email }) => name || email,
      cell: ({ name, email }) => <span className="font-medium">{name || email}</span>,
    },
    {
      name: TEXTS.people.email,
      sortBy: ({ email }) => email,
      isWide: true,
      cell: ({ email }) => <span className="text-quiet">{email}</span>,
    },
    {
      name: TEXTS.frame.actions,
      isAction: true,
      cell: ({ id, name, email }) =>
        id !== me.data?.id && (
          <RemoveButton
            kind="quiet"
            label={texts.administratorWithdraw}
            ask={texts.administratorWithdrawAsk(name || email)}
            consequence={texts.administratorWithdrawConsequence}
            isBusy={withdraw.isPending}
            onConfirm={() => withdraw.mutate(id)}
          />
        ),
    },
  ];
  return (
    <Card title={texts.administrators} lead={texts.administratorsLead} isFlush>
      <div className="px-5 pb-4">
        <PersonPicker except={items.map(({ id }) => id)} onChoose={({ id }) => add.mutate(id)} />
      </div>
      <Table caption={texts.administrators} columns={columns} rows={items} keyOf={({ id }) => id} />
    </Card>
  );
}
