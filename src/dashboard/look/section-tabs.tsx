import { Link } from '@tanstack/react-router';
import { useRef } from 'react';
import { useChosenInView } from './in-view.ts';

export interface SectionTab {
  readonly to: string;
  readonly label: string;
}

/** Pages of one section, side by side; each is a page of its own, with its own address. */
export function SectionTabs({ label, tabs }: { readonly label: string; readonly tabs: readonly SectionTab[] }) {
  const row = useRef<HTMLElement>(null);
  useChosenInView(row, '[aria-current=page]');
  return (
    <nav
      ref={row}
      aria-label={label}
      className="mb-6 overflow-x-auto fade-edges shadow-[inset_0_-1px_var(--line)] scrollbar-none max-sm:-mx-4 max-sm:px-4"
    >
      <ul className="flex w-max gap-1">
        {tabs.map(({ to, label: name }) => (
          <li key={to}>
            <Link
              to={to}
              activeOptions={{ exact: true }}
              className="block border-b-2 border-transparent px-3 py-2 text-sm whitespace-nowrap text-quiet hover:text-ink aria-[current=page]:border-accent aria-[current=page]:font-medium aria-[current=page]:text-accent"
            >
              {name}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
