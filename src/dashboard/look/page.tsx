import { type ReactNode, useEffect } from 'react';
import { TEXTS } from '../texts/index.ts';
import { classes } from './classes.ts';

interface PageProps {
  readonly title: string;
  /** One sentence that says what is here. */
  readonly lead?: ReactNode;
  readonly above?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

/** The frame of every page: what it is, what can be done, what there is. */
export function Page({ title, lead, above, actions, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · ${TEXTS.frame.product}`;
  }, [title]);
  return (
    <div className="mx-auto w-full max-w-6xl px-4 py-6 sm:px-8 sm:py-9">
      {above}
      <header className="mb-6 flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <div className="min-w-0">
          <h1 className="text-2xl font-semibold tracking-tight break-words">{title}</h1>
          {lead && <p className="mt-1 max-w-3xl text-pretty text-quiet">{lead}</p>}
        </div>
        {actions && <div className="flex flex-wrap gap-2">{actions}</div>}
      </header>
      <div className="grid grid-cols-1 gap-6">{children}</div>
    </div>
  );
}

interface CardProps {
  readonly title?: ReactNode;
  readonly lead?: ReactNode;
  readonly actions?: ReactNode;
  /** The contents reach the edges, as tables do. */
  readonly isFlush?: boolean;
  readonly className?: string;
  readonly children: ReactNode;
}

export function Card({ title, lead, actions, isFlush, className, children }: CardProps) {
  return (
    <section className={classes('min-w-0 rounded-xl border bg-sheet shadow-sheet', className)}>
      {(title || actions) && (
        <div className={classes('flex flex-wrap items-center justify-between gap-3 px-5 pt-4', isFlush && 'pb-3')}>
          <div className="min-w-0">
            {title && <h2 className="font-semibold">{title}</h2>}
            {lead && <p className="text-sm text-quiet">{lead}</p>}
          </div>
          {actions && <div className="flex flex-wrap gap-2">{actions}</div>}
        </div>
      )}
      <div className={isFlush ? '' : 'px-5 py-4 empty:pt-0'}>{children}</div>
    </section>
  );
}

/** Where there is nothing yet: what this is for, and the first step. */
export function Empty({
  icon,
  title,
  children,
  actions,
}: {
  readonly icon?: ReactNode;
  readonly title: string;
  readonly children?: ReactNode;
  readonly actions?: ReactNode;
}) {
  return (
    <div className="flex flex-col items-center px-6 py-12 text-center">
      {icon && (
        <div className="mb-4 grid size-12 place-items-center rounded-2xl bg-accent-soft text-accent" aria-hidden="true">
          {icon}
        </div>
      )}
      <h2 className="text-lg font-semibold">{title}</h2>
      {children && <div className="mt-1 max-w-md text-quiet">{children}</div>}
      {actions && <div className="mt-5 flex flex-wrap justify-center gap-2">{actions}</div>}
    </div>
  );
}

/** Facts as name and value. */
export function Facts({ items }: { readonly items: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className="grid grid-cols-[fit-content(45%)_minmax(0,1fr)] gap-x-6 gap-y-2.5 text-sm">
      {items.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="min-w-28 text-quiet">{name}</dt>
          <dd className="min-w-0 break-words">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
