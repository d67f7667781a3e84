import { Link } from '@tanstack/react-router';
import { Check, ChevronsUpDown } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import type { ReactNode } from 'react';
import { TEXTS } from '../texts/index.ts';
import { useGuide } from './guide.ts';
import { chooseOrganisation } from './organisation.ts';
import { setTheme, type Theme, useTheme } from './theme.tsx';

interface Me {
  readonly name: string;
  readonly email: string;
  readonly organisationId: string | null;
  readonly memberships: readonly { readonly organisationId: string; readonly name: string }[];
}

const THEMES: readonly (readonly [Theme, string])[] = [
  ['system', TEXTS.frame.themeSystem],
  ['light', TEXTS.frame.themeLight],
  ['dark', TEXTS.frame.themeDark],
];

const ITEM =
  'flex w-full cursor-pointer items-center gap-2 rounded-md px-2.5 py-1.5 text-sm outline-none data-highlighted:bg-accent-soft';

export function AccountMenu({ me }: { readonly me: Me }) {
  const organisation = me.memberships.find(({ organisationId }) => organisationId === me.organisationId);
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger className="flex items-center gap-3 rounded-lg px-2 py-2 text-left hover:bg-accent-soft">
        <span
          className="grid size-8 shrink-0 place-items-center rounded-lg bg-accent-soft font-semibold text-accent"
          aria-hidden="true"
        >
          {(me.name || me.email).slice(0, 1).toUpperCase()}
        </span>
        <span className="min-w-0 flex-1 text-sm">
          <span className="sr-only">{TEXTS.frame.account}: </span>
          <span className="block truncate font-medium">{me.name || me.email}</span>
          {organisation && <span className="block truncate text-xs text-quiet">{organisation.name}</span>}
        </span>
        <ChevronsUpDown size={15} className="shrink-0 text-quiet" aria-hidden="true" />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          side="top"
          align="start"
          sideOffset={6}
          className="z-50 w-60 rounded-xl border bg-raised p-1.5 shadow-over"
        >
          {me.memberships.length > 1 && <Organisations me={me} />}
          <Appearance />
          <DropdownMenu.Separator className="my-1.5 h-px bg-line" />
          <GuideAgain />
          <Place href="/">{TEXTS.frame.applications}</Place>
          <Place href="/security">{TEXTS.frame.security}</Place>
          <Place href="/sign-out">{TEXTS.frame.signOut}</Place>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

/** The first steps, for whoever has put them away and is not through. */
function GuideAgain() {
  const guide = useGuide();
  if (!guide || guide.isShown || guide.isOver) return null;
  return (
    <DropdownMenu.Item asChild>
      <Link to="/start" className={ITEM}>
        {TEXTS.start.again}
      </Link>
    </DropdownMenu.Item>
  );
}

function Organisations({ me }: { readonly me: Me }) {
  return (
    <>
      <Label>{TEXTS.frame.organisation}</Label>
      <DropdownMenu.RadioGroup value={me.organisationId ?? ''} onValueChange={chooseOrganisation}>
        {me.memberships.map(({ organisationId, name }) => (
          <Option key={organisationId} value={organisationId} label={name} />
        ))}
      </DropdownMenu.RadioGroup>
      <DropdownMenu.Separator className="my-1.5 h-px bg-line" />
    </>
  );
}

function Appearance() {
  const theme = useTheme();
  return (
    <>
      <Label>{TEXTS.frame.theme}</Label>
      <DropdownMenu.RadioGroup value={theme} onValueChange={(value) => setTheme(value as Theme)}>
        {THEMES.map(([value, label]) => (
          <Option key={value} value={value} label={label} />
        ))}
      </DropdownMenu.RadioGroup>
    </>
  );
}

function Label({ children }: { readonly children: ReactNode }) {
  return <DropdownMenu.Label className="px-2.5 py-1 text-xs text-quiet">{children}</DropdownMenu.Label>;
}

function Option({ value, label }: { readonly value: string; readonly label: string }) {
  return (
    <DropdownMenu.RadioItem value={value} className={ITEM}>
      <span className="flex-1 truncate">{label}</span>
      <DropdownMenu.ItemIndicator>
        <Check size={15} aria-hidden="true" className="text-accent" />
      </DropdownMenu.ItemIndicator>
    </DropdownMenu.RadioItem>
  );
}

function Place({ href, children }: { readonly href: string; readonly children: ReactNode }) {
  return (
    <DropdownMenu.Item asChild>
      <a href={href} className={ITEM}>
        {children}
      </a>
    </DropdownMenu.Item>
  );
}
