import { type FormEvent, useState } from 'react';
import { answerOf } from '../../../api/client.ts';
import { useChange } from '../../frame/change.ts';
import { api } from '../../frame/client.ts';
import { Button } from '../../look/button.tsx';
import { TextField } from '../../look/field.tsx';
import { faultOf, ProblemNote } from '../../look/problem.tsx';
import { TEXTS } from '../../texts/index.ts';
import { Skip } from './skip.tsx';

const texts = TEXTS.start;

export function NameStep() {
  const [name, setName] = useState('');
  const save = useChange({
    run: () => answerOf(api.PATCH('/organisation', { body: { name: name.trim() } })),
    shows: ['organisation', 'me'],
    isForm: true,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form onSubmit={submit} className="mt-1 grid gap-4">
      <p className="text-quiet">{texts.nameLead}</p>
      <TextField
        label={texts.nameLabel}
        required
        autoFocus
        autoComplete="organization"
        maxLength={128}
        value={name}
        fault={faultOf(save.error, 'name')}
        onChange={({ target }) => setName(target.value)}
      />
      {save.isError && !faultOf(save.error, 'name') && <ProblemNote error={save.error} />}
      <div className="flex flex-wrap gap-2">
        <Button kind="first" type="submit" isBusy={save.isPending}>
          {texts.nameSave}
        </Button>
        <Skip step="name" />
      </div>
    </form>
  );
}
