/** The way of a request through the network, station by station. */
import { AppWindow, Globe, Laptop, type LucideIcon, Network } from 'lucide-react';
import { TEXTS } from '../../texts/index.ts';
import type { RequestDetail } from './request.tsx';

const texts = TEXTS.requests;

interface Station {
  readonly icon: LucideIcon;
  readonly name: string;
  readonly detail: string;
}

export function Journey({ request }: { readonly request: RequestDetail }) {
  const stations = stationsOf(request);
  return (
    <ol className="flex flex-col gap-x-2 gap-y-4 sm:flex-row sm:items-start">
      {stations.map(({ icon: Icon, name, detail }, i) => (
        <li key={`${name} ${detail}`} className="flex min-w-0 flex-1 items-start gap-3 sm:flex-col">
          <span className="flex items-center self-stretch">
            <span
              className="grid size-9 shrink-0 place-items-center rounded-lg bg-accent-soft text-accent"
              aria-hidden="true"
            >
              <Icon size={18} />
            </span>
            {i < stations.length - 1 && (
              <span aria-hidden="true" className="ml-2 hidden h-px flex-1 bg-faint sm:block" />
            )}
          </span>
          <span className="min-w-0">
            <span className="block truncate font-medium">{name}</span>
            <span className="block text-sm text-quiet">{detail}</span>
          </span>
        </li>
      ))}
    </ol>
  );
}

function stationsOf({ address, country, popName, popId, way, names, targetId }: RequestDetail): readonly Station[] {
  const client = { icon: Laptop, name: address, detail: country ? `${texts.client}, ${country}` : texts.client };
  const pop = { icon: Globe, name: popName ?? popId, detail: texts.pop };
  if (!way) return [client, { ...pop, detail: `${texts.pop}. ${texts.noTarget}` }];
  const relay = way.relayPopId && { icon: Globe, name: names.relayPop ?? way.relayPopId, detail: texts.carriers.relay };
  const connector = {
    icon: Network,
    name: names.connector ?? way.connectorId,
    detail: connectorDetail(names.site, way.carrier),
  };
  const target = targetId && { icon: AppWindow, name: names.target ?? targetId, detail: texts.resource };
  return [client, pop, ...(relay ? [relay] : []), connector, ...(target ? [target] : [])];
}

function connectorDetail(site: string | null, carrier: 'udp' | 'tls' | 'relay'): string {
  const by = carrier === 'relay' ? texts.carriers.udp : texts.carriers[carrier];
  return site ? `${site}, ${by}` : by;
}
