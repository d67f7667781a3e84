import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { NameDialog } from '../look/form-dialog.tsx';
import { useChange } from './change.ts';

interface AddNamedProps {
  /** Of the dialog, and of its button. */
  readonly title: string;
  readonly lead: string;
  /** Of the field. */
  readonly label: string;
  readonly hint?: string;
  /** Makes it, and gives its id. */
  readonly make: (name: string) => Promise<{ readonly id: string }>;
  /** First part of the keys of queries that show it. */
  readonly shows: string;
  /** The page of what was made. */
  readonly to: '/sites/$id' | '/users/groups/$id' | '/users/roles/$id';
  readonly onClose: () => void;
}

/** Adds something that needs a name to begin with; everything else is on its page, which comes next. */
export function AddNamed({ title, make, shows, to, ...dialog }: AddNamedProps) {
  const [name, setName] = useState('');
  const navigate = useNavigate();
  const add = useChange({
    run: () => make(name),
    shows: [shows],
    isForm: true,
    onDone: ({ id }) => navigate({ to, params: { id } }),
  });
  return <NameDialog {...dialog} title={title} action={title} value={name} change={add} onChange={setName} />;
}
