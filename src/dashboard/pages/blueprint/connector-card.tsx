import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Badge } from '../../look/badge.tsx';
import { Card } from '../../look/page.tsx';
import { Ago } from '../../look/time.tsx';
import { TEXTS } from '../../texts/index.ts';
import { connectorNewsQuery, type HandedIn } from './blueprint-shape.ts';

const texts = TEXTS.blueprint;

/** What connectors publish by labels and files; nothing where none does. */
export function ConnectorCard() {
  const news = useQuery(connectorNewsQuery);
  const items = news.data?.items ?? [];
  if (items.length === 0) return null;
  return (
    <Card title={texts.connectorsTitle} lead={texts.connectorsLead} isFlush>
      <ul aria-label={texts.connectorsTitle}>
        {items.map((item) => (
          <HandedInRow key={`${item.connectorId} ${item.kind}`} item={item} />
        ))}
      </ul>
    </Card>
  );
}

function HandedInRow({ item }: { readonly item: HandedIn }) {
  const { siteId, siteName, connectorName, kind, outcome, text, problems, updatedUnixMs } = item;
  return (
    <li className="border-b px-5 py-3 last:border-b-0">
      <div className="flex flex-wrap items-center gap-2">
        <Badge standing={outcome === 'applied' ? 'good' : 'bad'}>{texts.outcomes[outcome]}</Badge>
        <span className="font-medium">{connectorName}</span>
        <span className="text-quiet">
          {texts.from[kind]}{' '}
          <Link to="/sites/$id" params={{ id: siteId }} className="underline underline-offset-2 hover:text-ink">
            {siteName}
          </Link>
        </span>
        <span className="text-sm text-quiet">
          {text} · <Ago unixMs={updatedUnixMs} />
        </span>
      </div>
      {problems.length > 0 && (
        <ul className="mt-2 grid gap-1 text-sm">
          {problems.map(({ place, reason, text: why }) => (
            <li key={`${place} ${reason}`} className="break-words text-warn">
              <code>{place}</code>: {why} <code className="text-quiet">{reason}</code>
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}
