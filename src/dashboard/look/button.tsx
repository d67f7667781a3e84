import { Link, type LinkProps } from '@tanstack/react-router';
import type { ButtonHTMLAttributes, ReactNode } from 'react';
import { classes } from './classes.ts';

export type ButtonKind = 'first' | 'plain' | 'quiet' | 'danger' | 'final';

const BASE =
  'inline-flex items-center justify-center gap-2 rounded-lg px-3.5 min-h-9 text-sm font-medium whitespace-nowrap transition-[filter,background-color,border-color] disabled:opacity-55 disabled:cursor-not-allowed';

const KINDS: Readonly<Record<ButtonKind, string>> = {
  first: 'bg-accent text-accent-ink shadow-sheet hover:brightness-110',
  plain: 'border bg-raised text-ink shadow-sheet hover:border-faint',
  quiet: 'text-quiet hover:text-ink hover:bg-accent-soft',
  danger: 'border bg-raised text-bad hover:border-bad hover:bg-bad-soft',
  // The answer to the question whether something is to be gone for good.
  final: 'bg-bad text-bad-ink hover:brightness-110',
};

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly kind?: ButtonKind;
  readonly icon?: ReactNode;
  /** Something is under way: the button waits. */
  readonly isBusy?: boolean;
}

export function Button({ kind = 'plain', icon, isBusy, className, children, disabled, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      className={classes(BASE, KINDS[kind], className)}
      disabled={disabled || isBusy}
      aria-busy={isBusy || undefined}
      {...rest}
    >
      {icon}
      {children}
    </button>
  );
}

/** A link that looks like a button: it goes somewhere and does nothing. */
export function ButtonLink({
  kind = 'plain',
  icon,
  children,
  ...rest
}: LinkProps & { readonly kind?: ButtonKind; readonly icon?: ReactNode; readonly children: ReactNode }) {
  return (
    <Link className={classes(BASE, KINDS[kind])} {...rest}>
      {icon}
      {children}
    </Link>
  );
}
