import { useState } from 'react';
import { CheckField } from './field.tsx';

interface LiveCheckProps {
  readonly label: string;
  readonly hint?: string;
  readonly checked: boolean;
  /** Resolves when what was asked for is there, and rejects where it was refused: then the box is as it was. */
  readonly onChange: (checked: boolean) => Promise<unknown>;
}

/** A box that does what it says at once. */
export function LiveCheck({ checked, onChange, ...rest }: LiveCheckProps) {
  const [asked, setAsked] = useState<boolean>();
  const change = async (next: boolean) => {
    setAsked(next);
    // What was refused is told by whoever asked.
    await onChange(next).catch(() => undefined);
    setAsked(undefined);
  };
  return (
    <CheckField
      {...rest}
      checked={asked ?? checked}
      disabled={asked !== undefined}
      onChange={({ target }) => void change(target.checked)}
    />
  );
}
