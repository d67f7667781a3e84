import { useQuery } from '@tanstack/react-query';
import { all, answerOf, paged, type paths } from '../../../api/client.ts';
import { api } from '../../frame/client.ts';
import { useNames } from '../../frame/names.ts';
import { Badge, type Standing } from '../../look/badge.tsx';
import { Card } from '../../look/page.tsx';
import { RowLink } from '../../look/row-link.tsx';
import { type Column, Table } from '../../look/table.tsx';
import { TEXTS } from '../../texts/index.ts';

const texts = TEXTS.network;
const REFRESH_MS = 5_000;
const SHOWN_MAX = 50;
type Target = paths['/targets']['get']['responses'][200]['content']['application/json']['items'][number];
type Health = paths['/targets/{id}/health']['get']['responses'][200]['content']['application/json'];

const STANDINGS: Readonly<Record<Health['state'], Standing>> = {
  ...{ healthy: 'good', degraded: 'warn', unhealthy: 'bad', unknown: 'none' },
};

/** End to end: what answers behind the tunnels. */
export function SiteTargets({ siteId }: { readonly siteId: string }) {
  const targets = useQuery({
    queryKey: ['targets', 'all'],
    queryFn: () => all((after) => answerOf(api.GET('/targets', paged(after)))),
  });
  const own = (targets.data ?? []).filter((target) => target.siteId === siteId).slice(0, SHOWN_MAX);
  const names = useNames(own.map(({ resourceId }) => resourceId));
  const columns: readonly Column<Target>[] = [
    {
      name: TEXTS.applications.name,
      sortBy: ({ resourceId }) => names.get(resourceId) ?? resourceId,
      cell: ({ resourceId }) => (
        <RowLink to="/applications/$id" params={{ id: resourceId }}>
          {names.get(resourceId) ?? resourceId}
        </RowLink>
      ),
    },
    {
      name: TEXTS.applications.address,
      sortBy: ({ url }) => url,
      isWide: true,
      cell: ({ url }) => <span className="font-mono text-[13px]">{url}</span>,
    },
    { name: texts.layersOf.endToEnd, cell: (target) => <TargetState target={target} /> },
  ];
  if (!targets.data) return null;
  return (
    <Card title={texts.endToEnd} lead={texts.endToEndLead} isFlush={own.length > 0}>
      {own.length === 0 ? (
        <p className="text-quiet">{texts.endToEndNone}</p>
      ) : (
        <Table caption={texts.endToEnd} columns={columns} rows={own} keyOf={({ id }) => id} />
      )}
    </Card>
  );
}

function TargetState({ target: { id, check } }: { readonly target: Target }) {
  const health = useQuery({
    queryKey: ['targets', id, 'health'],
    queryFn: () => answerOf(api.GET('/targets/{id}/health', { params: { path: { id } } })),
    enabled: check !== null,
    refetchInterval: REFRESH_MS,
  });
  if (check === null)
    return <span className="inline-block text-quiet first-letter:uppercase">{TEXTS.applications.unchecked}</span>;
  if (!health.data) return null;
  return <Badge standing={STANDINGS[health.data.state]}>{TEXTS.applications.health[health.data.state]}</Badge>;
}
