import { useQuery } from '@tanstack/react-query';
import { FileBadge, Plus } from 'lucide-react';
import { useState } from 'react';
import { answerOf } from '../../../api/client.ts';
import { useChange } from '../../frame/change.ts';
import { api } from '../../frame/client.ts';
import { useFields } from '../../frame/draft.ts';
import { useNames } from '../../frame/names.ts';
import { Button } from '../../look/button.tsx';
import { TextArea, TextField } from '../../look/field.tsx';
import { FormDialog } from '../../look/form-dialog.tsx';
import { Card, Empty } from '../../look/page.tsx';
import { faultOf, Loading, ProblemNote } from '../../look/problem.tsx';
import { RemoveButton } from '../../look/remove-button.tsx';
import { type Column, Table } from '../../look/table.tsx';
import { TEXTS } from '../../texts/index.ts';
import { ApplicationChoice, type ChosenApplication } from '../credentials/application-choice.tsx';
import { wordsOf } from '../providers/provider-shape.ts';
import { SettingsPage } from './settings-page.tsx';
import { type Authority, authoritiesQuery } from './settings-shape.ts';

const texts = TEXTS.settings;

export function AuthoritiesPage() {
  const authorities = useQuery(authoritiesQuery);
  const [isAdding, setAdding] = useState(false);
  const items = authorities.data ?? [];
  const names = useNames(items.flatMap(({ resourceIds }) => resourceIds));
  const remove = useChange<Authority>({
    run: ({ id }) => answerOf(api.DELETE('/client-authorities/{id}', { params: { path: { id } } })),
    shows: ['client-authorities'],
    done: (_done, { name }) => texts.authorityRemoved(name),
  });
  const columns: readonly Column<Authority>[] = [
    { name: texts.name, sortBy: ({ name }) => name, cell: ({ name }) => <span className="font-medium">{name}</span> },
    {
      name: texts.asksAt,
      cell: ({ resourceIds }) =>
        resourceIds.length === 0 ? (
          <span className="text-quiet">{texts.asksAtNone}</span>
        ) : (
          resourceIds.map((id) => names.get(id) ?? id).join(', ')
        ),
    },
    { name: texts.fingerprints, isWide: true, isNumber: true, cell: ({ fingerprints }) => fingerprints.length },
    {
      name: texts.revokedCount,
      sortBy: ({ revoked }) => revoked,
      isWide: true,
      isNumber: true,
      cell: ({ revoked }) => revoked,
    },
    {
      name: TEXTS.frame.actions,
      isAction: true,
      cell: (authority) => (
        <RemoveButton
          kind="quiet"
          label={TEXTS.frame.remove}
          ask={texts.authorityAsk(authority.name)}
          consequence={texts.authorityConsequence}
          isBusy={remove.isPending}
          onConfirm={() => remove.mutate(authority)}
        />
      ),
    },
  ];
  const add = (
    <Button kind="first" icon={<Plus size={16} aria-hidden="true" />} onClick={() => setAdding(true)}>
      {texts.addAuthority}
    </Button>
  );
  return (
    <SettingsPage title={texts.authorities} lead={texts.authoritiesLead} actions={items.length > 0 && add}>
      {authorities.isPending && <Loading />}
      {authorities.isError && <ProblemNote error={authorities.error} retry={() => void authorities.refetch()} />}
      {authorities.data && (
        <Card isFlush className={items.length > 0 ? 'pt-1' : ''}>
          {items.length === 0 ? (
            <Empty icon={<FileBadge />} title={texts.noAuthorities} actions={add}>
              {texts.noAuthoritiesLead}
            </Empty>
          ) : (
            <Table caption={texts.authorities} columns={columns} rows={items} keyOf={({ id }) => id} />
          )}
        </Card>
      )}
      {isAdding && <AddAuthority onClose={() => setAdding(false)} />}
    </SettingsPage>
  );
}

function AddAuthority({ onClose }: { readonly onClose: () => void }) {
  const [draft, change] = useFields({ name: '', certificatePem: '', crlPem: '', fingerprints: '' });
  const [application, setApplication] = useState<ChosenApplication>();
  const add = useChange({
    run: () => {
      const { name, certificatePem, crlPem, fingerprints } = draft;
      const body = {
        ...{ name, fingerprints: wordsOf(fingerprints), resourceIds: application ? [application.id] : [] },
        ...(certificatePem.trim() !== '' && { certificatePem }),
        ...(crlPem.trim() !== '' && { crlPem }),
      };
      return answerOf(api.POST('/client-authorities', { body }));
    },
    shows: ['client-authorities'],
    isForm: true,
    onDone: onClose,
  });
  return (
    <FormDialog
      title={texts.addAuthority}
      lead={texts.authoritiesLead}
      action={texts.addAuthority}
      change={add}
      fields={['name', 'certificatePem', 'crlPem', 'fingerprints']}
      onClose={onClose}
    >
      <TextField
        label={texts.name}
        required
        value={draft.name}
        fault={faultOf(add.error, 'name')}
        onChange={({ target }) => change({ name: target.value })}
      />
      <TextArea
        label={texts.authorityPem}
        hint={texts.authorityPemHint}
        isCode
        rows={5}
        value={draft.certificatePem}
        fault={faultOf(add.error, 'certificatePem')}
        onChange={({ target }) => change({ certificatePem: target.value })}
      />
      <TextArea
        label={texts.authorityCrl}
        hint={texts.authorityCrlHint}
        isCode
        rows={3}
        value={draft.crlPem}
        fault={faultOf(add.error, 'crlPem')}
        onChange={({ target }) => change({ crlPem: target.value })}
      />
      <TextField
        label={texts.fingerprints}
        hint={texts.fingerprintsHint}
        isCode
        value={draft.fingerprints}
        fault={faultOf(add.error, 'fingerprints')}
        onChange={({ target }) => change({ fingerprints: target.value })}
      />
      <ApplicationChoice value={application} onChange={setApplication} />
    </FormDialog>
  );
}
