import { useQuery } from '@tanstack/react-query';
import { Card } from '../../look/page.tsx';
import { TEXTS } from '../../texts/index.ts';
import { connectorNewsQuery } from '../blueprint/blueprint-shape.ts';
import { HandedInList } from '../blueprint/handed-in.tsx';

const texts = TEXTS.network;

/** What connectors of one site publish by labels and files, and what could not be applied of it; nothing where none does. */
export function PublishedHere({ siteId }: { readonly siteId: string }) {
  const news = useQuery(connectorNewsQuery);
  const items = (news.data?.items ?? []).filter((item) => item.siteId === siteId);
  if (items.length === 0) return null;
  return (
    <Card title={texts.publishedHere} lead={texts.publishedHereLead} isFlush>
      <HandedInList label={texts.publishedHere} items={items} isOfOneSite />
    </Card>
  );
}
