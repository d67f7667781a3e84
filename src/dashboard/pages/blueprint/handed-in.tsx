import { Link } from '@tanstack/react-router';
import { Badge } from '../../look/badge.tsx';
import { Ago } from '../../look/time.tsx';
import { TEXTS } from '../../texts/index.ts';
import type { HandedIn } from './blueprint-shape.ts';

const texts = TEXTS.blueprint;

interface HandedInListProps {
  readonly label: string;
  readonly items: readonly HandedIn[];
  /** On the page of the site itself nobody needs the way to it. */
  readonly isOfOneSite?: boolean;
}

/** What connectors handed in, what became of it, and what was not taken of it, with the reason. */
export function HandedInList({ label, items, isOfOneSite = false }: HandedInListProps) {
  return (
    <ul aria-label={label}>
      {items.map((item) => (
        <HandedInRow key={`${item.connectorId} ${item.kind}`} item={item} isOfOneSite={isOfOneSite} />
      ))}
    </ul>
  );
}

interface HandedInRowProps {
  readonly item: HandedIn;
  readonly isOfOneSite: boolean;
}

function HandedInRow({ item, isOfOneSite }: HandedInRowProps) {
  const { siteId, siteName, connectorName, kind, outcome, text, problems, updatedUnixMs } = item;
  return (
    <li className="border-b px-5 py-3 last:border-b-0">
      <div className="flex flex-wrap items-center gap-2">
        <Badge standing={outcome === 'applied' ? 'good' : 'bad'}>{texts.outcomes[outcome]}</Badge>
        <span className="font-medium">{connectorName}</span>
        {isOfOneSite ? (
          <span className="text-quiet">{texts.fromHere[kind]}</span>
        ) : (
          <span className="text-quiet">
            {texts.from[kind]}{' '}
            <Link to="/sites/$id" params={{ id: siteId }} className="underline underline-offset-2 hover:text-ink">
              {siteName}
            </Link>
          </span>
        )}
        <span className="text-sm text-quiet">
          {text} · <Ago unixMs={updatedUnixMs} />
        </span>
      </div>
      {problems.length > 0 && (
        <div className="mt-2 text-sm">
          <p className="text-quiet">{texts.notTaken(problems.length)}</p>
          <ul className="mt-1 grid gap-1">
            {problems.map(({ place, reason, text: why }) => (
              <li key={`${place} ${reason}`} className="break-words text-warn">
                <code>{place}</code>: {why} <code className="text-quiet">{reason}</code>
              </li>
            ))}
          </ul>
        </div>
      )}
    </li>
  );
}
