import type { ReactNode } from 'react';
import { TEXTS } from '../texts/index.ts';
import { Button } from './button.tsx';
import { CopyText } from './copy.tsx';

interface OnceProps {
  readonly lead: ReactNode;
  readonly secrets: readonly { readonly label: string; readonly text: string }[];
  readonly children?: ReactNode;
  readonly onDone: () => void;
}

/** Secrets that nobody can look at again, and the button that says they were taken down. */
export function ShownOnce({ lead, secrets, children, onDone }: OnceProps) {
  return (
    <div className="grid grid-cols-1 gap-4">
      <p>{lead}</p>
      {secrets.map(({ label, text }) => (
        <div key={label} className="grid gap-1">
          <p className="text-sm font-medium">{label}</p>
          <CopyText label={label} text={text} />
        </div>
      ))}
      {children}
      <div className="flex justify-end">
        <Button kind="first" onClick={onDone}>
          {TEXTS.frame.done}
        </Button>
      </div>
    </div>
  );
}
