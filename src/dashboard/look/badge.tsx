import type { ReactNode } from 'react';
import { classes } from './classes.ts';

/** How something stands; each has a colour and, for those who do not see it, a word beside it. */
export type Standing = 'good' | 'warn' | 'bad' | 'info' | 'none';

const COLOURS: Readonly<Record<Standing, string>> = {
  good: 'bg-good-soft text-good',
  warn: 'bg-warn-soft text-warn',
  bad: 'bg-bad-soft text-bad',
  info: 'bg-info-soft text-info',
  none: 'bg-ground text-quiet',
};

/** A state in a word or two. */
export function Badge({ standing = 'none', children }: { readonly standing?: Standing; readonly children: ReactNode }) {
  return (
    <span
      className={classes(
        'inline-flex max-w-full items-center gap-1.5 rounded-full border px-2 py-px text-xs font-medium sm:whitespace-nowrap',
        standing !== 'none' && 'border-transparent',
        COLOURS[standing],
      )}
    >
      {standing !== 'none' && <Dot standing={standing} />}
      <span className="inline-block first-letter:uppercase">{children}</span>
    </span>
  );
}

/** A name of somebody's own, as they wrote it. */
export function Tag({ children }: { readonly children: ReactNode }) {
  return (
    <span className="inline-block max-w-full truncate rounded-md border bg-ground px-1.5 py-px text-xs font-medium text-quiet">
      {children}
    </span>
  );
}

const FILLS: Readonly<Record<Standing, string>> = {
  good: 'bg-good',
  warn: 'bg-warn',
  bad: 'bg-bad',
  info: 'bg-info',
  none: 'bg-faint',
};

export function Dot({ standing }: { readonly standing: Standing }) {
  return <span aria-hidden="true" className={classes('size-1.5 shrink-0 rounded-full', FILLS[standing])} />;
}
