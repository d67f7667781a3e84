import { Link, type LinkProps } from '@tanstack/react-router';
import type { ReactNode } from 'react';

/** The name in a row, which leads to what the row is about. */
export function RowLink({ children, ...rest }: LinkProps & { readonly children: ReactNode }) {
  return (
    <Link className="font-medium hover:text-accent hover:underline" {...rest}>
      {children}
    </Link>
  );
}
