import type { UseMutationResult } from '@tanstack/react-query';
import type { FormEvent, ReactNode } from 'react';
import { Dialog } from './dialog.tsx';
import { TextField } from './field.tsx';
import { FormActions } from './form-actions.tsx';
import { faultOf, isToldBeside, ProblemNote } from './problem.tsx';

interface FormDialogProps {
  readonly title: string;
  readonly lead?: ReactNode;
  /** What its button says. */
  readonly action: string;
  readonly change: Pick<UseMutationResult<unknown, Error, void>, 'mutate' | 'isPending' | 'error'>;
  /** Fields that say themselves what is wrong with them; of anything else it is said below. */
  readonly fields?: readonly string[];
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** A short form over the page that adds or changes one thing. Every dialog with fields has this shape. */
export function FormDialog({ title, lead, action, change, fields = [], onClose, children }: FormDialogProps) {
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate();
  };
  return (
    <Dialog isOpen onClose={onClose} title={title} lead={lead}>
      <form onSubmit={submit} className="grid gap-5">
        {children}
        {change.error && !isToldBeside(change.error, fields) && <ProblemNote error={change.error} />}
        <FormActions action={action} isBusy={change.isPending} onCancel={onClose} />
      </form>
    </Dialog>
  );
}

interface NameDialogProps extends Pick<FormDialogProps, 'title' | 'lead' | 'action' | 'change' | 'onClose'> {
  /** Of the field. */
  readonly label: string;
  readonly hint?: string | undefined;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** Where a name is all that is asked for. */
export function NameDialog({ label, hint, value, onChange, ...form }: NameDialogProps) {
  return (
    <FormDialog {...form} fields={['name']}>
      <TextField
        label={label}
        hint={hint}
        required
        value={value}
        fault={faultOf(form.change.error, 'name')}
        onChange={({ target }) => onChange(target.value)}
      />
    </FormDialog>
  );
}
