import type { UseMutationResult } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { TEXTS } from '../texts/index.ts';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';
import { TextField } from './field.tsx';
import { FormActions } from './form-actions.tsx';
import { faultOf, ProblemNote } from './problem.tsx';

interface RenameButtonProps {
  readonly name: string;
  /** Of the field. */
  readonly label: string;
  readonly change: UseMutationResult<unknown, Error, string>;
}

export function RenameButton({ name, label, change }: RenameButtonProps) {
  const [next, setNext] = useState<string>();
  const close = () => setNext(undefined);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (next !== undefined) change.mutate(next, { onSuccess: close });
  };
  return (
    <>
      <Button onClick={() => setNext(name)}>{TEXTS.network.rename}</Button>
      <Dialog isOpen={next !== undefined} onClose={close} title={TEXTS.network.rename}>
        <form onSubmit={submit} className="grid gap-5">
          <TextField
            label={label}
            required
            value={next ?? ''}
            fault={faultOf(change.error, 'name')}
            onChange={({ target }) => setNext(target.value)}
          />
          {change.isError && !faultOf(change.error, 'name') && <ProblemNote error={change.error} />}
          <FormActions action={TEXTS.frame.save} isBusy={change.isPending} onCancel={close} />
        </form>
      </Dialog>
    </>
  );
}
