/** Which of many there is most of: a name, a bar and a number each. */
import type { ReactNode } from 'react';
import { Bar } from './bar.tsx';

export interface Share {
  readonly key: string;
  readonly name: ReactNode;
  readonly value: number;
  readonly detail?: string | undefined;
}

export function ShareBars({ shares, empty }: { readonly shares: readonly Share[]; readonly empty: string }) {
  const most = Math.max(1, ...shares.map(({ value }) => value));
  if (shares.length === 0) return <p className="text-sm text-quiet">{empty}</p>;
  return (
    <ul className="grid gap-2.5 text-sm">
      {shares.map(({ key, name, value, detail }) => (
        <li key={key} className="grid grid-cols-[1fr_auto] items-baseline gap-x-4 gap-y-1">
          <span className="min-w-0 truncate">{name}</span>
          <span className="text-quiet tabular-nums">
            {value.toLocaleString('en')}
            {detail && ` · ${detail}`}
          </span>
          <Bar share={value / most} />
        </li>
      ))}
    </ul>
  );
}
