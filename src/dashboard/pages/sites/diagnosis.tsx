import { queryOptions, useQuery } from '@tanstack/react-query';
import { Stethoscope } from 'lucide-react';
import { answerOf, type paths } from '../../../api/client.ts';
import { useChange } from '../../frame/change.ts';
import { api, meQuery } from '../../frame/client.ts';
import { Badge } from '../../look/badge.tsx';
import { Button } from '../../look/button.tsx';
import { type Column, Table } from '../../look/table.tsx';
import { Ago } from '../../look/time.tsx';
import { Waiting } from '../../look/waiting.tsx';
import { TEXTS } from '../../texts/index.ts';
import { lossText, rttRank, rttText } from './site-shape.ts';

const texts = TEXTS.network.diagnosis;
/** What was asked for comes in seconds. */
const AWAITED_MS = 2_000;

type Told = paths['/connectors/{id}/diagnosis']['get']['responses'][200]['content']['application/json'];
type Way = Told['ways'][number];
type Finding = Told['findings'][number];

const diagnosisQuery = (id: string) =>
  queryOptions({
    queryKey: ['connectors', id, 'diagnosis'],
    queryFn: () => answerOf(api.GET('/connectors/{id}/diagnosis', { params: { path: { id } } })),
    refetchInterval: ({ state }) => (state.data?.isAwaited ? AWAITED_MS : false),
  });

interface DiagnosisProps {
  readonly connectorId: string;
  readonly name: string;
  /** Only one with a tunnel hears the wish, and can tell. */
  readonly isUp: boolean;
}

/** What the doctor within a connector found out about its network: what is blocked, and what to do about it. */
export function Diagnosis({ connectorId, name, isUp }: DiagnosisProps) {
  const { data } = useQuery(diagnosisQuery(connectorId));
  const me = useQuery(meQuery);
  if (!data) return null;
  const mayAsk = (me.data?.permissions as readonly string[] | undefined)?.includes('site.write') === true;
  return (
    <section aria-label={texts.of(name)} className="border-t">
      <div className="flex flex-wrap items-center justify-between gap-3 px-5 pt-4 pb-3">
        <div className="min-w-0">
          <h3 className="font-medium">{texts.title}</h3>
          <p className="text-sm text-quiet">
            {data.takenUnixMs === null ? texts.nothingYet : <Looked data={data} takenUnixMs={data.takenUnixMs} />}
          </p>
        </div>
        {mayAsk && <Ask connectorId={connectorId} isAwaited={data.isAwaited} isUp={isUp} />}
      </div>
      {data.isAwaited && (
        <div className="px-5 pb-3">
          <Waiting hasCome={false} waiting={isUp ? texts.looking : texts.lookingLater} come="" />
        </div>
      )}
      {data.takenUnixMs !== null && <Findings findings={data.findings} />}
      {data.ways.length > 0 && (
        <Table
          caption={texts.ways(name)}
          columns={COLUMNS}
          rows={data.ways}
          keyOf={({ pop, by, place }) => `${pop} ${by} ${place}`}
        />
      )}
    </section>
  );
}

function Looked({ data, takenUnixMs }: { readonly data: Told; readonly takenUnixMs: number }) {
  return (
    <>
      {texts.looked} <Ago unixMs={takenUnixMs} />
      {data.proxy !== null && `, ${texts.through(data.proxy)}`}
      {data.popsLeftOut > 0 && `. ${texts.leftOut(data.popsLeftOut)}`}
    </>
  );
}

interface AskProps {
  readonly connectorId: string;
  readonly isAwaited: boolean;
  readonly isUp: boolean;
}

function Ask({ connectorId, isAwaited, isUp }: AskProps) {
  const ask = useChange({
    run: () => answerOf(api.POST('/connectors/{id}/examine', { params: { path: { id: connectorId } } })),
    shows: ['connectors'],
  });
  return (
    <Button
      icon={<Stethoscope size={16} aria-hidden="true" />}
      isBusy={ask.isPending || (isAwaited && isUp)}
      onClick={() => ask.mutate()}
    >
      {texts.ask}
    </Button>
  );
}

function Findings({ findings }: { readonly findings: readonly Finding[] }) {
  if (findings.length === 0)
    return (
      <p className="px-5 pb-4">
        <Badge standing="good">{texts.allWell}</Badge>
      </p>
    );
  return (
    <ul className="grid gap-3 px-5 pb-4" aria-label={texts.found}>
      {findings.map(({ code, weight, what, advice }) => (
        <li key={`${code} ${what}`} className="grid gap-x-3 gap-y-1 sm:grid-cols-[7rem_1fr]">
          <span>
            <Badge standing={weight === 'bad' ? 'bad' : 'info'}>{texts.weights[weight]}</Badge>
          </span>
          <span className="min-w-0 break-words">
            <span className="font-medium">{what}</span>
            <span className="block text-sm text-quiet">{advice}</span>
          </span>
        </li>
      ))}
    </ul>
  );
}

const COLUMNS: readonly Column<Way>[] = [
  { name: TEXTS.network.devicePop, sortBy: ({ pop }) => pop, cell: ({ pop }) => pop },
  { name: texts.by, sortBy: ({ by }) => texts.kinds[by], cell: ({ by }) => texts.kinds[by] },
  {
    name: texts.works,
    sortBy: ({ outcome }) => texts.outcomes[outcome],
    cell: ({ outcome, detail }) => (
      <span title={detail ?? undefined}>
        <Badge standing={outcome === 'ok' ? 'good' : 'bad'}>{texts.outcomes[outcome]}</Badge>
      </span>
    ),
  },
  {
    name: TEXTS.network.rtt,
    sortBy: rttRank,
    isNumber: true,
    isWide: true,
    cell: ({ rttMs }) => rttText(rttMs),
  },
  {
    name: TEXTS.network.loss,
    sortBy: ({ loss }) => loss ?? -1,
    isNumber: true,
    isWide: true,
    cell: ({ loss }) => (loss === null ? '–' : lossText(loss)),
  },
  {
    name: texts.largest,
    sortBy: ({ largestBytes }) => largestBytes ?? -1,
    isNumber: true,
    isWide: true,
    cell: ({ largestBytes }) => (largestBytes === null ? '–' : texts.bytes(largestBytes)),
  },
  {
    name: texts.speed,
    sortBy: ({ bytesPerSecond }) => bytesPerSecond ?? -1,
    isNumber: true,
    isWide: true,
    cell: ({ bytesPerSecond }) => (bytesPerSecond === null ? '–' : texts.megabits((bytesPerSecond * 8) / 1e6)),
  },
  {
    name: texts.place,
    isWide: true,
    cell: ({ place }) => <span className="font-mono text-[13px]">{place}</span>,
  },
];
