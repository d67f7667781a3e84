import { Trash2 } from 'lucide-react';
import { useState } from 'react';
import { TEXTS } from '../texts/index.ts';
import { Button, type ButtonKind } from './button.tsx';
import { Confirm } from './dialog.tsx';

interface RemoveButtonProps {
  readonly label?: string;
  /** The question, and what will happen. */
  readonly ask: string;
  readonly consequence: string;
  readonly kind?: ButtonKind;
  readonly isBusy?: boolean;
  readonly onConfirm: () => void;
}

/** Removes or ends something, after saying what that means. */
export function RemoveButton({ label, ask, consequence, kind = 'danger', isBusy, onConfirm }: RemoveButtonProps) {
  const [isAsking, setAsking] = useState(false);
  const name = label ?? TEXTS.frame.remove;
  return (
    <>
      <Button
        kind={kind}
        {...(label === undefined && kind === 'danger' && { icon: <Trash2 size={15} aria-hidden="true" /> })}
        isBusy={isBusy ?? false}
        onClick={() => setAsking(true)}
      >
        {name}
      </Button>
      <Confirm
        isOpen={isAsking}
        onClose={() => setAsking(false)}
        title={ask}
        consequence={consequence}
        action={name}
        isBusy={isBusy ?? false}
        onConfirm={() => {
          setAsking(false);
          onConfirm();
        }}
      />
    </>
  );
}
