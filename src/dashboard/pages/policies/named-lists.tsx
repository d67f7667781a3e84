import { useQuery } from '@tanstack/react-query';
import { Pencil, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { readIfThere } from '../../../api/changes.ts';
import { answerOf, type paths } from '../../../api/client.ts';
import { useChange } from '../../frame/change.ts';
import { api } from '../../frame/client.ts';
import { useDraft } from '../../frame/draft.ts';
import { placeAt, useSave } from '../../frame/save.ts';
import { Button } from '../../look/button.tsx';
import { Confirm } from '../../look/dialog.tsx';
import { SelectField, TextArea, TextField } from '../../look/field.tsx';
import { FormDialog } from '../../look/form-dialog.tsx';
import { Card } from '../../look/page.tsx';
import { faultOf, Loading, ProblemNote } from '../../look/problem.tsx';
import { type Column, Table } from '../../look/table.tsx';
import { Ago } from '../../look/time.tsx';
import { TEXTS } from '../../texts/index.ts';
import { listsQuery } from './names.ts';

const texts = TEXTS.policies;
type List = paths['/lists']['get']['responses'][200]['content']['application/json']['items'][number];
type Kind = keyof typeof texts.listKinds;

/** What rules name: the addresses of an office, partners, countries. */
export function NamedLists() {
  const lists = useQuery(listsQuery);
  const [edited, setEdited] = useState<List | 'new'>();
  const [removing, setRemoving] = useState<List>();
  const remove = useChange({
    run: ({ name }: List) => answerOf(api.DELETE('/lists/{name}', { params: { path: { name } } })),
    shows: ['lists'],
    onSettled: () => setRemoving(undefined),
  });
  const columns: readonly Column<List>[] = [
    {
      name: texts.listName,
      sortBy: ({ name }) => name,
      cell: ({ name }) => <span className="font-medium">{name}</span>,
    },
    {
      name: texts.listKind,
      sortBy: ({ kind }) => texts.listKinds[kind],
      cell: ({ kind, entries }) => `${texts.listKinds[kind]}, ${texts.entries(entries.length)}`,
    },
    {
      name: TEXTS.applications.changed,
      sortBy: ({ updatedUnixMs }) => updatedUnixMs,
      isWide: true,
      cell: ({ updatedUnixMs }) => <Ago unixMs={updatedUnixMs} />,
    },
    {
      name: TEXTS.frame.actions,
      isAction: true,
      cell: (list) => (
        <span className="inline-flex">
          <Button kind="quiet" aria-label={`${TEXTS.frame.edit} ${list.name}`} onClick={() => setEdited(list)}>
            <Pencil size={15} aria-hidden="true" />
          </Button>
          <Button kind="quiet" aria-label={`${TEXTS.frame.remove} ${list.name}`} onClick={() => setRemoving(list)}>
            <Trash2 size={15} aria-hidden="true" />
          </Button>
        </span>
      ),
    },
  ];
  return (
    <Card
      title={texts.lists}
      lead={texts.listsLead}
      isFlush
      actions={<Button onClick={() => setEdited('new')}>{texts.addList}</Button>}
    >
      {lists.isPending && <Loading />}
      {lists.isError && <ProblemNote error={lists.error} retry={() => void lists.refetch()} />}
      {lists.data?.items.length === 0 && <p className="px-5 pb-5 text-quiet">{texts.noLists}</p>}
      {lists.data && lists.data.items.length > 0 && (
        <Table caption={texts.lists} columns={columns} rows={lists.data.items} keyOf={({ name }) => name} />
      )}
      {edited && <EditList list={edited === 'new' ? undefined : edited} onClose={() => setEdited(undefined)} />}
      {removing && (
        <Confirm
          isOpen
          onClose={() => setRemoving(undefined)}
          title={texts.removeListAsk(removing.name)}
          consequence={texts.removeListConsequence}
          action={TEXTS.frame.remove}
          isBusy={remove.isPending}
          onConfirm={() => remove.mutate(removing)}
        />
      )}
    </Card>
  );
}

interface Draft {
  readonly name: string;
  readonly kind: Kind;
  readonly text: string;
}

function draftOf(list: List | undefined): Draft {
  return { name: list?.name ?? '', kind: list?.kind ?? 'addresses', text: list?.entries.join('\n') ?? '' };
}

function EditList({ list, onClose }: { readonly list: List | undefined; readonly onClose: () => void }) {
  const form = useDraft(list, draftOf);
  const { name, kind, text } = form.fields;
  const { read, write } = placeAt('put', '/lists/{name}', { name });
  const put = useSave({
    draft: form,
    place: { read: () => readIfThere('not-found', read), write },
    words: { labels: { kind: texts.listKind, entries: texts.listEntries } },
    body: () => {
      const lines = text.split('\n').map((line) => line.trim());
      const entries = lines.filter((line) => line !== '').map((line) => (kind === 'asns' ? Number(line) : line));
      return { kind, entries };
    },
    shows: ['lists'],
    onDone: onClose,
  });
  const fault = faultOf(put.error, 'entries') ?? firstEntryFault(put.error);
  return (
    <FormDialog
      title={list ? list.name : texts.addList}
      action={TEXTS.frame.save}
      change={put}
      fields={['name', 'entries']}
      onClose={onClose}
    >
      {!list && (
        <TextField
          label={texts.listName}
          hint={texts.listNameHint}
          required
          pattern="[a-z0-9]+(-[a-z0-9]+)*"
          value={name}
          fault={faultOf(put.error, 'name')}
          onChange={({ target }) => form.change({ name: target.value })}
        />
      )}
      <SelectField
        label={texts.listKind}
        value={kind}
        onChange={({ target }) => form.change({ kind: target.value as Kind })}
      >
        {Object.entries(texts.listKinds).map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </SelectField>
      <TextArea
        label={texts.listEntries}
        isCode
        required
        rows={8}
        value={text}
        fault={fault}
        onChange={({ target }) => form.change({ text: target.value })}
      />
    </FormDialog>
  );
}

/** `entries[3]`: which line it is. */
function firstEntryFault(error: unknown): string | undefined {
  const problems = (error as { problem?: { problems?: readonly { path: string; expected: string }[] } } | null)?.problem
    ?.problems;
  const found = problems?.find(({ path }) => path.startsWith('entries['));
  const line = found && /\[(\d+)\]/.exec(found.path)?.[1];
  return found && `Line ${Number(line) + 1}: ${TEXTS.frame.expected.toLowerCase()} ${found.expected}`;
}
