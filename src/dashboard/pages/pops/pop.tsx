import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { answerOf } from '../../../api/client.ts';
import { useChange } from '../../frame/change.ts';
import { api, meQuery, popsQuery, statusQuery } from '../../frame/client.ts';
import { BackLink } from '../../look/back-link.tsx';
import { Badge } from '../../look/badge.tsx';
import { Button } from '../../look/button.tsx';
import { Card, Facts, Page } from '../../look/page.tsx';
import { Loading, ProblemNote } from '../../look/problem.tsx';
import { RemoveButton } from '../../look/remove-button.tsx';
import { RowLink } from '../../look/row-link.tsx';
import { type Column, Table } from '../../look/table.tsx';
import { Ago } from '../../look/time.tsx';
import { TEXTS } from '../../texts/index.ts';
import type { Pop, Status } from '../overview/status.ts';
import {
  type ConnectorStatus,
  lossText,
  rttRank,
  rttText,
  softwareText,
  TUNNEL_STANDINGS,
  type Tunnel,
} from '../sites/site-shape.ts';
import { LoadCard } from './pop-load.tsx';
import { LinkState, type LivePop, SnapshotState } from './pop-state.tsx';

const texts = TEXTS.network;
const LIVE_MS = 2_000;

export function PopPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const pops = useQuery(popsQuery);
  const status = useQuery({ ...statusQuery, refetchInterval: LIVE_MS });
  const me = useQuery(meQuery);
  const pop = pops.data?.find((one) => one.id === id);
  const live = status.data?.pops.find((one) => one.id === id);
  if (pops.isPending || status.isPending) return <Loading />;
  if (!pop)
    return (
      <Page title={texts.pops} above={<BackLink to="/pops">{texts.pops}</BackLink>}>
        <ProblemNote error={pops.error} />
      </Page>
    );
  const mayChange = (me.data?.permissions as readonly string[] | undefined)?.includes('pop.write') === true;
  return (
    <Page
      above={<BackLink to="/pops">{texts.pops}</BackLink>}
      title={pop.name}
      lead={pop.location.name === pop.name ? undefined : pop.location.name}
      actions={mayChange && <PopActions pop={pop} />}
    >
      <div className="grid grid-cols-1 items-start gap-6 lg:grid-cols-2">
        <Card title={TEXTS.applications.state}>
          <StateFacts live={live} status={status.data} />
        </Card>
        <div className="grid grid-cols-1 gap-6">
          <LoadCard popId={id} load={live?.load ?? null} />
          <Card title={texts.addresses}>
            <Facts
              items={[
                [texts.httpsEndpoints, <Addresses key="https" list={pop.httpsEndpoints} />],
                [texts.udpEndpoints, <Addresses key="udp" list={pop.udpEndpoints} />],
                [texts.popLatitude, pop.location.latitude],
                [texts.popLongitude, pop.location.longitude],
              ]}
            />
          </Card>
        </div>
      </div>
      <Attached popId={id} connectors={status.data?.connectors ?? []} />
      {me.data?.isInstallationAdmin && live?.connected && <Certificates live={live} />}
    </Page>
  );
}

function Addresses({ list }: { readonly list: readonly string[] }) {
  return (
    <span className="grid font-mono text-[13px]">
      {list.map((one) => (
        <span key={one}>{one}</span>
      ))}
    </span>
  );
}

interface StateFactsProps {
  readonly live: LivePop | undefined;
  readonly status: Status | undefined;
}

function StateFacts({ live, status }: StateFactsProps) {
  const { clockSkewMs = null, connectedSinceUnixMs = null, revocationsApplied = null } = live ?? {};
  const sequence = status?.revocations.sequence ?? 0;
  const node = status?.controlNodes.find(({ id }) => id === live?.controlId);
  return (
    <Facts
      items={[
        [texts.link, <LinkState key="link" pop={live} />],
        ...(connectedSinceUnixMs === null
          ? []
          : [[texts.popConnected, <Ago key="since" unixMs={connectedSinceUnixMs} />] as const]),
        ...(node ? [[texts.popControl, node.url] as const] : []),
        [texts.snapshot, <SnapshotState key="snapshot" pop={live} version={status?.version} />],
        [
          texts.revocations,
          revocationsApplied === null
            ? '–'
            : revocationsApplied.sequence >= sequence
              ? texts.snapshotCurrent
              : texts.upOf(revocationsApplied.sequence, sequence),
        ],
        [
          texts.popClock,
          clockSkewMs === null ? (
            texts.clockRight
          ) : (
            <span key="clock" className="text-bad">
              {texts.clockWrong((clockSkewMs / 1000).toFixed(1))}
            </span>
          ),
        ],
        [texts.software, softwareText(live?.software) ?? '–'],
      ]}
    />
  );
}

interface AttachedProps {
  readonly popId: string;
  readonly connectors: readonly ConnectorStatus[];
}

interface AttachedRow {
  readonly connector: ConnectorStatus;
  readonly tunnel: Tunnel;
}

function Attached({ popId, connectors }: AttachedProps) {
  const rows = connectors.flatMap((connector): AttachedRow[] => {
    const tunnel = connector.tunnels.find((one) => one.popId === popId);
    return tunnel ? [{ connector, tunnel }] : [];
  });
  const columns: readonly Column<AttachedRow>[] = [
    {
      name: TEXTS.applications.name,
      sortBy: ({ connector: { name } }) => name,
      cell: ({ connector: { siteId, name } }) => (
        <RowLink to="/sites/$id" params={{ id: siteId }}>
          {name}
        </RowLink>
      ),
    },
    {
      name: texts.layersOf.tunnel,
      sortBy: ({ tunnel: { state } }) => texts.tunnelState[state],
      cell: ({ tunnel: { state } }) => <Badge standing={TUNNEL_STANDINGS[state]}>{texts.tunnelState[state]}</Badge>,
    },
    { name: texts.way, isWide: true, cell: ({ tunnel: { path } }) => texts.path[path] },
    {
      name: texts.rtt,
      sortBy: ({ tunnel }) => rttRank(tunnel),
      isNumber: true,
      cell: ({ tunnel: { rttMs } }) => rttText(rttMs),
    },
    {
      name: texts.loss,
      sortBy: ({ tunnel: { loss } }) => loss,
      isNumber: true,
      cell: ({ tunnel: { loss } }) => lossText(loss),
    },
    {
      name: texts.since,
      sortBy: ({ tunnel: { sinceUnixMs } }) => sinceUnixMs,
      isWide: true,
      cell: ({ tunnel: { sinceUnixMs } }) => <Ago unixMs={sinceUnixMs} />,
    },
  ];
  return (
    <Card title={texts.attached} lead={texts.attachedLead} isFlush={rows.length > 0}>
      {rows.length === 0 ? (
        <p className="text-quiet">{texts.attachedNone}</p>
      ) : (
        <Table caption={texts.attached} columns={columns} rows={rows} keyOf={({ connector }) => connector.id} />
      )}
    </Card>
  );
}

function Certificates({ live: { certificates } }: { readonly live: LivePop }) {
  return (
    <Card title={texts.popCertificates}>
      {certificates.length === 0 ? (
        <p className="text-quiet">{texts.certificatesGood}</p>
      ) : (
        <ul className="grid gap-2">
          {certificates.map(({ host, problem }) => (
            <li key={host} className="flex flex-wrap items-center gap-3">
              <Badge standing="bad">{texts.certificateProblem[problem]}</Badge>
              <span className="font-mono text-[13px]">{host}</span>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

function PopActions({ pop: { id, name, draining } }: { readonly pop: Pop }) {
  const navigate = useNavigate();
  const params = { path: { id } };
  const drain = useChange<boolean>({
    run: (isEmptied) =>
      answerOf(isEmptied ? api.POST('/pops/{id}/drain', { params }) : api.POST('/pops/{id}/resume', { params })),
    shows: ['pops', 'status'],
    done: (_done, isEmptied) => (isEmptied ? texts.drained(name) : texts.resumed(name)),
  });
  const remove = useChange({
    run: () => answerOf(api.DELETE('/pops/{id}', { params })),
    shows: ['pops', 'status'],
    done: texts.popRemoved(name),
    leave: () => navigate({ to: '/pops' }),
  });
  return (
    <>
      {draining ? (
        <Button isBusy={drain.isPending} onClick={() => drain.mutate(false)}>
          {texts.resume}
        </Button>
      ) : (
        <RemoveButton
          kind="plain"
          label={texts.drain}
          ask={texts.drainPopAsk(name)}
          consequence={texts.drainPopConsequence}
          isBusy={drain.isPending}
          onConfirm={() => drain.mutate(true)}
        />
      )}
      <RemoveButton
        ask={texts.removePopAsk(name)}
        consequence={texts.removePopConsequence}
        isBusy={remove.isPending}
        onConfirm={() => remove.mutate()}
      />
    </>
  );
}
