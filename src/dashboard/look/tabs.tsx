import { Tabs as Radix } from 'radix-ui';
import { type ReactNode, useRef } from 'react';
import { useChosenInView } from './in-view.ts';

interface TabsProps {
  /** For screen readers: what the tabs choose between. */
  readonly label: string;
  readonly tabs: readonly { readonly id: string; readonly label: string; readonly content: ReactNode }[];
  /** Which is shown, where the page keeps that; else the first at first. */
  readonly value?: string;
  readonly onChange?: (id: string) => void;
}

/** One of several ways of the same thing is shown at a time; arrow keys go from one to the next. */
export function Tabs({ label, tabs, value, onChange }: TabsProps) {
  const row = useRef<HTMLDivElement>(null);
  useChosenInView(row, '[data-state=active]');
  return (
    <Radix.Root
      defaultValue={tabs[0]?.id ?? ''}
      {...(value !== undefined && { value })}
      {...(onChange && { onValueChange: onChange })}
    >
      <Radix.List
        ref={row}
        aria-label={label}
        className="mb-3 flex gap-1 overflow-x-auto fade-edges scroll-px-4 shadow-[inset_0_-1px_var(--line)] scrollbar-none max-sm:-mx-4 max-sm:px-4"
      >
        {tabs.map(({ id, label: name }) => (
          <Radix.Trigger
            key={id}
            value={id}
            className="border-b-2 border-transparent px-3 py-2 text-sm whitespace-nowrap text-quiet hover:text-ink data-[state=active]:border-accent data-[state=active]:font-medium data-[state=active]:text-accent"
          >
            {name}
          </Radix.Trigger>
        ))}
      </Radix.List>
      {tabs.map(({ id, content }) => (
        <Radix.Content key={id} value={id} className="grid gap-3">
          {content}
        </Radix.Content>
      ))}
    </Radix.Root>
  );
}
