import { useQuery } from '@tanstack/react-query';
import { Link, Outlet, useRouterState } from '@tanstack/react-router';
import { LockKeyhole, Menu, X } from 'lucide-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { Button } from '../look/button.tsx';
import { classes } from '../look/classes.ts';
import { Empty } from '../look/page.tsx';
import { Loading, ProblemNote } from '../look/problem.tsx';
import { TEXTS } from '../texts/index.ts';
import { AccountMenu } from './account-menu.tsx';
import { meQuery } from './client.ts';
import { GuideLink } from './guide-link.tsx';
import { startLive } from './live.ts';
import { Mark } from './mark.tsx';
import { PaletteButton } from './palette-button.tsx';
import { SECTION_GROUPS } from './sections.ts';

/** What stands around every page: the sections, who is signed in, and a way past both for the keyboard. */
export function Shell() {
  const me = useQuery(meQuery);
  const [isOpen, setOpen] = useState(false);
  const path = useRouterState({ select: ({ location }) => location.pathname });
  // biome-ignore lint/correctness/useExhaustiveDependencies: going anywhere closes the drawer
  useEffect(() => setOpen(false), [path]);
  useDrawerEnds(isOpen, () => setOpen(false));
  const maySeeLive = me.data?.permissions.includes('status.read') ?? false;
  useEffect(() => {
    if (maySeeLive) startLive();
  }, [maySeeLive]);
  if (me.isPending) return <Loading />;
  if (me.isError)
    return (
      <div className="mx-auto max-w-xl p-6">
        <ProblemNote error={me.error} retry={() => void me.refetch()} />
      </div>
    );
  const may = new Set(me.data.permissions);
  return (
    <div className="min-h-dvh lg:grid lg:grid-cols-[15rem_1fr]">
      <a
        href="#page"
        className="sr-only z-50 rounded-lg bg-accent px-4 py-2 text-accent-ink focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
      >
        {TEXTS.frame.skip}
      </a>
      <header
        inert={isOpen}
        className="sticky top-0 z-30 flex items-center gap-2 border-b bg-ground/95 px-4 py-2 backdrop-blur lg:hidden print:hidden"
      >
        <span className="flex-1">
          <Brand />
        </span>
        <Button
          kind="quiet"
          onClick={() => setOpen(true)}
          aria-label={TEXTS.frame.openNavigation}
          aria-expanded={isOpen}
        >
          <Menu size={20} aria-hidden="true" />
        </Button>
      </header>
      {isOpen && (
        <button
          type="button"
          aria-label={TEXTS.frame.close}
          className="fixed inset-0 z-30 bg-scrim lg:hidden"
          onClick={() => setOpen(false)}
        />
      )}
      <aside
        className={classes(
          'z-40 flex w-60 flex-col gap-3 border-r bg-sheet px-3 pt-4 pb-3 max-lg:fixed max-lg:inset-y-0 max-lg:left-0 max-lg:w-72 lg:sticky lg:top-0 lg:h-dvh print:hidden',
          !isOpen && 'max-lg:hidden',
        )}
      >
        <div className="flex items-center justify-between px-2">
          <Brand />
          <Button kind="quiet" className="lg:hidden" onClick={() => setOpen(false)} aria-label={TEXTS.frame.close}>
            <X size={18} aria-hidden="true" />
          </Button>
        </div>
        <PaletteButton may={may} />
        <Navigation may={may}>
          <GuideLink />
        </Navigation>
        <AccountMenu me={me.data} />
      </aside>
      <main id="page" tabIndex={-1} inert={isOpen} className="min-w-0 outline-none">
        {me.data.permissions.length === 0 ? <Rightless /> : <Outlet />}
      </main>
    </div>
  );
}

/** Escape closes the drawer, and so does a window that has room for the sections. */
function useDrawerEnds(isOpen: boolean, close: () => void): void {
  useEffect(() => {
    if (!isOpen) return;
    const pressed = ({ key }: KeyboardEvent) => key === 'Escape' && close();
    const wide = matchMedia('(min-width: 64rem)');
    addEventListener('keydown', pressed);
    wide.addEventListener('change', close);
    return () => {
      removeEventListener('keydown', pressed);
      wide.removeEventListener('change', close);
    };
  });
}

function Brand() {
  return (
    <Link to="/" className="flex items-center gap-2.5 rounded-lg font-semibold tracking-tight">
      <Mark />
      {TEXTS.frame.product}
    </Link>
  );
}

function Navigation({ may, children }: { readonly may: ReadonlySet<string>; readonly children: ReactNode }) {
  const sections = useRef<HTMLElement>(null);
  const path = useRouterState({ select: ({ location }) => location.pathname });
  // biome-ignore lint/correctness/useExhaustiveDependencies: another page is another section
  useEffect(() => {
    sections.current?.querySelector('[aria-current=page]')?.scrollIntoView({ block: 'nearest' });
  }, [path]);
  return (
    <nav ref={sections} aria-label={TEXTS.frame.navigation} className="flex-1 overflow-y-auto fade-ends">
      {children}
      {SECTION_GROUPS.map(({ label, sections }) => {
        const shown = sections.filter(({ needs }) => may.has(needs));
        if (shown.length === 0) return null;
        return (
          <div key={label ?? shown[0]?.to} className="mb-2 scroll-my-12 last:mb-0">
            {label && <p className="mb-0.5 px-3 text-xs font-medium tracking-wide text-quiet">{label}</p>}
            <ul className="grid gap-0.5">
              {shown.map(({ to, label: name, icon: Icon }) => (
                <li key={to}>
                  <Link
                    to={to}
                    activeOptions={{ exact: to === '/' }}
                    className="flex items-center gap-3 rounded-lg px-3 py-1 text-sm text-quiet max-lg:py-2 hover:bg-accent-soft hover:text-ink aria-[current=page]:bg-accent-soft aria-[current=page]:font-medium aria-[current=page]:text-accent"
                  >
                    <Icon size={17} aria-hidden="true" className="shrink-0" />
                    {name}
                  </Link>
                </li>
              ))}
            </ul>
          </div>
        );
      })}
    </nav>
  );
}

function Rightless() {
  return (
    <Empty
      icon={<LockKeyhole />}
      title={TEXTS.frame.rightsTitle}
      actions={
        <a href="/" className="text-accent underline">
          {TEXTS.frame.toApplications}
        </a>
      }
    >
      {TEXTS.frame.rightsLead}
    </Empty>
  );
}
