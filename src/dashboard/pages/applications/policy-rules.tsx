import { TEXTS } from '../../texts/index.ts';
import type { Application } from './application-shape.ts';

interface Rule {
  readonly id: string;
  readonly name?: string;
  readonly enabled?: boolean;
  readonly then?: { readonly kind: string };
}

const STANDINGS: Readonly<Record<string, string>> = {
  deny: 'border-l-bad',
  bypass: 'border-l-warn',
  authenticate: 'border-l-good',
};

/** The rules in their order, each with what it does. */
export function PolicyRules({ policy }: { readonly policy: Application['policy'] }) {
  const rules = policy.rules as unknown as readonly Rule[];
  if (rules.length === 0) return <p className="text-quiet">{TEXTS.applications.noRules}</p>;
  return (
    <ol className="grid gap-2">
      {rules.map(({ id, name, then }, index) => (
        <li
          key={id}
          className={`flex flex-wrap items-baseline gap-x-3 gap-y-1 rounded-lg border border-l-4 px-4 py-2.5 ${STANDINGS[then?.kind ?? ''] ?? ''}`}
        >
          <span className="text-sm text-quiet tabular-nums">{index + 1}</span>
          <span className="font-medium">{name ?? id}</span>
          <span className="text-sm text-quiet">{then?.kind}</span>
        </li>
      ))}
    </ol>
  );
}
