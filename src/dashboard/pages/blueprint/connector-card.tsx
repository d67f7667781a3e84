import { useQuery } from '@tanstack/react-query';
import { Card } from '../../look/page.tsx';
import { TEXTS } from '../../texts/index.ts';
import { connectorNewsQuery } from './blueprint-shape.ts';
import { HandedInList } from './handed-in.tsx';

const texts = TEXTS.blueprint;

/** What connectors publish by labels and files; nothing where none does. */
export function ConnectorCard() {
  const news = useQuery(connectorNewsQuery);
  const items = news.data?.items ?? [];
  if (items.length === 0) return null;
  return (
    <Card title={texts.connectorsTitle} lead={texts.connectorsLead} isFlush>
      <HandedInList label={texts.connectorsTitle} items={items} />
    </Card>
  );
}
