/** What happened in the network lately: failovers above all. */
import { ArrowRightLeft, CircleCheck, Unplug } from 'lucide-react';
import { type NetworkEvent, useLive } from '../../frame/live-state.ts';
import { Card } from '../../look/page.tsx';
import { TEXTS } from '../../texts/index.ts';
import type { Status } from './status.ts';

const texts = TEXTS.overview;
const SHOWN = 8;
const time = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });

export function NetworkFeed({ status }: { readonly status: Status }) {
  const { events } = useLive();
  const newest = events.slice(-SHOWN).reverse();
  return (
    <Card title={texts.feed} lead={texts.feedLead}>
      {newest.length === 0 ? (
        <p className="text-sm text-quiet">{texts.feedEmpty}</p>
      ) : (
        <ol aria-live="polite" className="grid gap-3 text-sm">
          {newest.map((event) => (
            <li
              key={`${event.unixMs} ${event.kind} ${idOf(event)}`}
              className="grid grid-cols-[auto_1fr_auto] items-start gap-3"
            >
              <Sign kind={event.kind} />
              <span>{textOf(event, status)}</span>
              <time dateTime={new Date(event.unixMs).toISOString()} className="text-quiet tabular-nums">
                {time.format(event.unixMs)}
              </time>
            </li>
          ))}
        </ol>
      )}
    </Card>
  );
}

function Sign({ kind }: { readonly kind: NetworkEvent['kind'] }) {
  if (kind === 'home-moved') return <ArrowRightLeft size={16} aria-hidden="true" className="mt-0.5 text-info" />;
  if (kind.endsWith('back')) return <CircleCheck size={16} aria-hidden="true" className="mt-0.5 text-good" />;
  return <Unplug size={16} aria-hidden="true" className="mt-0.5 text-bad" />;
}

function idOf(event: NetworkEvent): string {
  return 'popId' in event ? event.popId : event.connectorId;
}

function textOf(event: NetworkEvent, { pops, connectors }: Status): string {
  const pop = (id: string): string => pops.find((one) => one.id === id)?.name ?? texts.unknownPop;
  const connector = (id: string): string => connectors.find((one) => one.id === id)?.name ?? texts.unknownConnector;
  switch (event.kind) {
    case 'pop-lost':
      return texts.popLost(pop(event.popId));
    case 'pop-back':
      return texts.popBack(pop(event.popId));
    case 'connector-lost':
      return texts.connectorLost(connector(event.connectorId));
    case 'connector-back':
      return texts.connectorBack(connector(event.connectorId));
    case 'home-moved':
      return texts.homeMoved(
        ...([connector(event.connectorId), pop(event.fromPopId), pop(event.toPopId)] as const),
        event.tookMs < 50 ? texts.atOnce : `${(event.tookMs / 1_000).toFixed(1)} s`,
      );
  }
}
