import type { UseMutationResult } from '@tanstack/react-query';
import { useState } from 'react';
import { TEXTS } from '../texts/index.ts';
import { Button } from './button.tsx';
import { NameDialog } from './form-dialog.tsx';

interface RenameButtonProps {
  readonly name: string;
  /** Of the field. */
  readonly label: string;
  readonly change: UseMutationResult<unknown, Error, string>;
}

export function RenameButton({ name, label, change }: RenameButtonProps) {
  const [next, setNext] = useState<string>();
  const close = () => setNext(undefined);
  const rename = () => {
    if (next !== undefined) change.mutate(next, { onSuccess: close });
  };
  return (
    <>
      <Button onClick={() => setNext(name)}>{TEXTS.network.rename}</Button>
      {next !== undefined && (
        <NameDialog
          title={TEXTS.network.rename}
          action={TEXTS.frame.save}
          label={label}
          value={next}
          change={{ ...change, mutate: rename }}
          onChange={setNext}
          onClose={close}
        />
      )}
    </>
  );
}
