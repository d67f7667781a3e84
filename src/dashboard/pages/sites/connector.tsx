import { useQuery } from '@tanstack/react-query';
import { answerOf } from '../../../api/client.ts';
import { useChange } from '../../frame/change.ts';
import { api, popsQuery } from '../../frame/client.ts';
import { Badge, type Standing } from '../../look/badge.tsx';
import { Button } from '../../look/button.tsx';
import { Card, Facts } from '../../look/page.tsx';
import { RemoveButton } from '../../look/remove-button.tsx';
import { RowLink } from '../../look/row-link.tsx';
import { type Column, Table } from '../../look/table.tsx';
import { Ago } from '../../look/time.tsx';
import { TEXTS } from '../../texts/index.ts';
import { Diagnosis } from './diagnosis.tsx';
import {
  type ConnectorStatus,
  lossText,
  rttRank,
  rttText,
  softwareText,
  TUNNEL_STANDINGS,
  type Tunnel,
} from './site-shape.ts';

const texts = TEXTS.network;

/** One connector: its tunnels, its links within them, and how each of them is. */
export function Connector({ connector }: { readonly connector: ConnectorStatus }) {
  const pops = useQuery(popsQuery);
  const names = new Map((pops.data ?? []).map(({ id, name }) => [id, name]));
  const nameOf = (popId: string) => names.get(popId) ?? popId;
  const columns: readonly Column<Tunnel>[] = [
    {
      name: texts.devicePop,
      sortBy: ({ popId }) => nameOf(popId),
      cell: ({ popId }) => (
        <RowLink to="/pops/$id" params={{ id: popId }}>
          {nameOf(popId)}
        </RowLink>
      ),
    },
    {
      name: texts.layersOf.tunnel,
      sortBy: ({ state }) => texts.tunnelState[state],
      cell: ({ state }) => <Badge standing={TUNNEL_STANDINGS[state]}>{texts.tunnelState[state]}</Badge>,
    },
    {
      name: texts.layersOf.link,
      isWide: true,
      // Through a relay there is none, and none is missed.
      cell: ({ isLinked, path }) =>
        !isLinked && path === 'relay' ? (
          <span className="text-quiet">–</span>
        ) : (
          <Badge standing={isLinked ? 'good' : 'warn'}>{isLinked ? texts.linkOpen : texts.linkClosed}</Badge>
        ),
    },
    {
      name: texts.way,
      isWide: true,
      cell: ({ path, relayPopId, endpoint }) => (
        <span>
          {texts.path[path]} {relayPopId && nameOf(relayPopId)}
          {endpoint !== null && <span className="block font-mono text-xs text-quiet">{endpoint}</span>}
        </span>
      ),
    },
    { name: texts.rtt, sortBy: rttRank, isNumber: true, cell: ({ rttMs }) => rttText(rttMs) },
    {
      name: texts.loss,
      sortBy: ({ loss }) => loss,
      isNumber: true,
      cell: ({ loss }) => <span className={loss >= 0.01 ? 'text-warn' : ''}>{lossText(loss)}</span>,
    },
    {
      name: texts.since,
      sortBy: ({ sinceUnixMs }) => sinceUnixMs,
      isWide: true,
      cell: ({ sinceUnixMs }) => <Ago unixMs={sinceUnixMs} />,
    },
  ];
  return (
    <Card
      title={
        <span className="flex flex-wrap items-center gap-2">
          {connector.name}
          {connector.draining && <Badge standing="warn">{texts.draining}</Badge>}
        </span>
      }
      isFlush
      actions={<ConnectorActions connector={connector} />}
    >
      <div className="px-5 pb-4">
        <Layers connector={connector} />
      </div>
      {connector.tunnels.length === 0 ? (
        <p className="px-5 pb-5">
          <Badge standing="bad">{texts.noTunnel}</Badge>
        </p>
      ) : (
        <Table caption={connector.name} columns={columns} rows={connector.tunnels} keyOf={({ popId }) => popId} />
      )}
      <Diagnosis
        connectorId={connector.id}
        name={connector.name}
        isUp={connector.tunnels.some(({ state }) => state === 'up')}
      />
    </Card>
  );
}

/** Apart, because each can fail alone: packets, the link within, and what runs. */
function Layers({ connector: { tunnels, software } }: { readonly connector: ConnectorStatus }) {
  const up = tunnels.filter(({ state }) => state === 'up').length;
  const linked = tunnels.filter(({ isLinked }) => isLinked).length;
  const state = (count: number): Standing => (count === 0 ? 'bad' : 'good');
  return (
    <Facts
      items={[
        [
          texts.tunnels,
          <Badge key="tunnels" standing={state(up)}>
            {texts.upOf(up, tunnels.length)}
          </Badge>,
        ],
        [
          texts.controlLink,
          <span key="link" className="flex flex-wrap items-center gap-2">
            <Badge standing={state(linked)}>{texts.upOf(linked, tunnels.length)}</Badge>
            <span className="text-quiet">{texts.linkLead}</span>
          </span>,
        ],
        [texts.version, softwareText(software) ?? texts.unknownVersion],
      ]}
    />
  );
}

function ConnectorActions({ connector: { id, name, draining } }: { readonly connector: ConnectorStatus }) {
  const params = { path: { id } };
  const drain = useChange<boolean>({
    run: (isEmptied) =>
      answerOf(
        isEmptied ? api.POST('/connectors/{id}/drain', { params }) : api.POST('/connectors/{id}/resume', { params }),
      ),
    shows: ['status'],
    done: (_done, isEmptied) => (isEmptied ? texts.connectorDrained(name) : texts.connectorResumed(name)),
  });
  const remove = useChange({
    run: () => answerOf(api.DELETE('/connectors/{id}', { params })),
    shows: ['status'],
    done: texts.connectorRemoved(name),
  });
  return (
    <>
      {draining ? (
        <Button isBusy={drain.isPending} onClick={() => drain.mutate(false)}>
          {texts.resumeConnector}
        </Button>
      ) : (
        <RemoveButton
          kind="plain"
          label={texts.drainConnector}
          ask={texts.drainConnectorAsk(name)}
          consequence={texts.drainConnectorConsequence}
          isBusy={drain.isPending}
          onConfirm={() => drain.mutate(true)}
        />
      )}
      <RemoveButton
        kind="plain"
        label={TEXTS.frame.remove}
        ask={texts.removeConnectorAsk(name)}
        consequence={texts.removeConnectorConsequence}
        isBusy={remove.isPending}
        onConfirm={() => remove.mutate()}
      />
    </>
  );
}
