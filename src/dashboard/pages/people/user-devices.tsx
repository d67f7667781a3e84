import { queryOptions, useQuery } from '@tanstack/react-query';
import { all, answerOf, paged, type paths } from '../../../api/client.ts';
import { ahead, useChange } from '../../frame/change.ts';
import { api } from '../../frame/client.ts';
import { withoutRow, withPart } from '../../frame/rows.ts';
import { Badge } from '../../look/badge.tsx';
import { Button } from '../../look/button.tsx';
import { Card } from '../../look/page.tsx';
import { type Column, Table } from '../../look/table.tsx';
import { Ago } from '../../look/time.tsx';
import { TEXTS } from '../../texts/index.ts';
import { browserName } from './browser-name.ts';

const texts = TEXTS.people;
type Device = paths['/known-devices']['get']['responses'][200]['content']['application/json']['items'][number];

const knownDevicesQuery = queryOptions({
  queryKey: ['known-devices'],
  queryFn: () => all((after) => answerOf(api.GET('/known-devices', paged(after)))),
});

/** Browsers with a key of their own; a policy may ask for an approved one. Shown where there is one. */
export function UserDevices({ userId }: { readonly userId: string }) {
  const devices = useQuery(knownDevicesQuery);
  const approve = useChange<Device>({
    run: ({ id, approved }) =>
      answerOf(api.PATCH('/known-devices/{id}', { params: { path: { id } }, body: { approved: !approved } })),
    shows: ['known-devices'],
    ahead: ahead(knownDevicesQuery, (shown, { id, approved }: Device) => withPart(shown, id, { approved: !approved })),
  });
  const remove = useChange<string>({
    run: (id) => answerOf(api.DELETE('/known-devices/{id}', { params: { path: { id } } })),
    shows: ['known-devices'],
    ahead: ahead(knownDevicesQuery, (shown, id: string) => withoutRow(shown, id)),
  });
  const own = (devices.data ?? []).filter((device) => device.userId === userId);
  if (own.length === 0) return null;
  const columns: readonly Column<Device>[] = [
    {
      name: texts.name,
      sortBy: ({ name }) => name,
      cell: ({ name, userAgent }) => (
        <span>
          <span className="block font-medium">{name}</span>
          <span className="text-quiet">{browserName(userAgent)}</span>
        </span>
      ),
    },
    {
      name: texts.state,
      stacked: 'corner',
      sortBy: ({ approved }) => Number(approved),
      cell: ({ approved }) => (
        <Badge standing={approved ? 'good' : 'warn'}>{approved ? texts.approved : texts.notApproved}</Badge>
      ),
    },
    {
      name: texts.usedAgo,
      sortBy: ({ lastUsedUnixMs }) => lastUsedUnixMs ?? 0,
      isWide: true,
      cell: ({ lastUsedUnixMs }) => (lastUsedUnixMs === null ? texts.unused : <Ago unixMs={lastUsedUnixMs} />),
    },
    {
      name: TEXTS.frame.actions,
      isAction: true,
      cell: (device) => (
        <span className="flex justify-end gap-1">
          <Button kind="quiet" onClick={() => approve.mutate(device)}>
            {device.approved ? texts.withdraw : texts.approve}
          </Button>
          <Button kind="quiet" onClick={() => remove.mutate(device.id)}>
            {TEXTS.frame.remove}
          </Button>
        </span>
      ),
    },
  ];
  return (
    <Card title={texts.devices} isFlush>
      <Table caption={texts.devices} columns={columns} rows={own} keyOf={({ id }) => id} />
    </Card>
  );
}
