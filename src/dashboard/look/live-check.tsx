import { useState } from 'react';
import { CheckField } from './field.tsx';

interface LiveCheckProps {
  readonly label: string;
  readonly hint?: string;
  /** As it is shown ahead of the answer (`useChange`). */
  readonly checked: boolean;
  /** Resolves when what was asked for is there, and rejects where it was refused. */
  readonly onChange: (checked: boolean) => Promise<unknown>;
}

/** A box that does what it says at once. It is turned by the click itself: what is shown ahead comes a moment later. */
export function LiveCheck({ checked, onChange, ...rest }: LiveCheckProps) {
  const [asked, setAsked] = useState<boolean>();
  const change = async (next: boolean) => {
    setAsked(next);
    // What was refused is told by whoever asked.
    await onChange(next).catch(() => undefined);
    setAsked(undefined);
  };
  return <CheckField {...rest} checked={asked ?? checked} onChange={({ target }) => void change(target.checked)} />;
}
