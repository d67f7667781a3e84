import { Link } from '@tanstack/react-router';
import { ArrowLeft } from 'lucide-react';

/** Above a page about one of many: back to the list. */
export function BackLink({ to, children }: { readonly to: string; readonly children: string }) {
  return (
    <Link to={to} className="mb-3 inline-flex items-center gap-1.5 text-sm text-quiet hover:text-ink">
      <ArrowLeft size={15} aria-hidden="true" />
      {children}
    </Link>
  );
}
