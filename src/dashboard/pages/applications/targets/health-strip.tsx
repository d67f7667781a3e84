import { useQuery } from '@tanstack/react-query';
import { answerOf, type paths } from '../../../../api/client.ts';
import { api } from '../../../frame/client.ts';
import { Badge } from '../../../look/badge.tsx';
import { Ago } from '../../../look/time.tsx';
import { TEXTS } from '../../../texts/index.ts';

const texts = TEXTS.applications;
const REFRESH_MS = 10_000;
const SPAN_MS = 86_400_000;
const PARTS = 48;
const PART_MS = SPAN_MS / PARTS;
const HOUR_MS = 3_600_000;

type Health = paths['/targets/{id}/health']['get']['responses'][200]['content']['application/json'];
type State = 'healthy' | 'degraded' | 'unhealthy' | 'unknown';

const FILLS: Readonly<Record<State, string>> = {
  healthy: 'fill-good',
  degraded: 'fill-warn',
  unhealthy: 'fill-bad',
  unknown: 'fill-line',
};

/** The last day of a target in half hours, and what the ways to it say now. */
export function HealthStrip({ targetId }: { readonly targetId: string }) {
  const health = useQuery({
    queryKey: ['target-health', targetId],
    queryFn: () => answerOf(api.GET('/targets/{id}/health', { params: { path: { id: targetId } } })),
    refetchInterval: REFRESH_MS,
  });
  if (!health.data || (health.data.ways.length === 0 && health.data.history.length === 0)) return null;
  const nowUnixMs = Date.now();
  const states = dayOf(health.data, nowUnixMs);
  const known = states.filter((state) => state !== 'unknown');
  const well = known.filter((state) => state === 'healthy').length;
  const percent = Math.round((well / Math.max(1, known.length)) * 100);
  const label = known.length === 0 ? texts.dayUnknown : texts.day(percent, (known.length * PART_MS) / HOUR_MS);
  return (
    <div className="mt-3">
      <svg
        viewBox={`0 0 ${PARTS * 6} 20`}
        preserveAspectRatio="none"
        className="h-5 w-full"
        role="img"
        aria-label={label}
      >
        {states.map((state, index) => {
          const fromUnixMs = nowUnixMs - (PARTS - index) * PART_MS;
          return (
            <rect key={fromUnixMs} x={index * 6} y="0" width="4.6" height="20" rx="1" className={FILLS[state]}>
              <title>{`${new Date(fromUnixMs).toLocaleString('en-GB')}: ${texts.health[state]}`}</title>
            </rect>
          );
        })}
      </svg>
      <div className="mt-1 flex justify-between gap-3 text-xs text-quiet">
        <span className="max-sm:hidden">{texts.dayAgo}</span>
        <span>{label}</span>
        <span>{texts.now}</span>
      </div>
      <Ways health={health.data} />
    </div>
  );
}

function Ways({ health }: { readonly health: Health }) {
  const { ways, history } = health;
  return (
    <details className="mt-2 text-sm">
      <summary className="cursor-pointer text-quiet hover:text-ink">{texts.ways(ways.length)}</summary>
      <ul className="mt-2 grid gap-1.5 max-sm:gap-3">
        {ways.map((way) => (
          <li key={`${way.popId} ${way.connectorId}`} className="flex flex-wrap items-center gap-x-2">
            <Badge standing={way.state === 'healthy' ? 'good' : way.state === 'unhealthy' ? 'bad' : 'none'}>
              {texts.health[way.state]}
            </Badge>
            <span>{texts.wayFrom(way.pop, way.connector)}</span>
            <span className="text-quiet">
              {way.text} · <Ago unixMs={way.sinceUnixMs} />
              {way.current ? '' : ` · ${texts.lastWord}`}
            </span>
          </li>
        ))}
      </ul>
      {history.length > 0 && (
        <>
          <h4 className="mt-3 mb-1 font-medium">{texts.changes}</h4>
          <ol className="grid gap-1">
            {history.slice(0, CHANGES_SHOWN).map((change) => (
              <li key={`${change.unixMs} ${change.popId} ${change.connectorId}`} className="text-quiet">
                <Ago unixMs={change.unixMs} />: {texts.health[change.state]},{' '}
                {texts.wayFrom(change.pop, change.connector)} ({change.text})
              </li>
            ))}
          </ol>
        </>
      )}
    </details>
  );
}
const CHANGES_SHOWN = 12;

/** The worst of each part of the day, over all ways: in part where some of them were well. */
function dayOf({ ways, history }: Health, nowUnixMs: number): readonly State[] {
  const keys = new Set([...ways, ...history].map(({ popId, connectorId }) => `${popId} ${connectorId}`));
  const timelines = [...keys].map((key) => {
    const own = history.filter(({ popId, connectorId }) => `${popId} ${connectorId}` === key);
    const now = ways.find(({ popId, connectorId }) => `${popId} ${connectorId}` === key);
    const changes = own.map(({ unixMs, state }) => ({ unixMs, state }));
    if (now && !changes.some(({ unixMs }) => unixMs >= now.sinceUnixMs))
      changes.push({ unixMs: now.sinceUnixMs, state: now.state });
    return changes.sort((one, other) => one.unixMs - other.unixMs);
  });
  return Array.from({ length: PARTS }, (_, index) => {
    const from = nowUnixMs - (PARTS - index) * PART_MS;
    return summaryOf(timelines.map((changes) => worstWithin(changes, from, from + PART_MS)));
  });
}

type WayState = 'healthy' | 'unhealthy' | 'unknown';

function worstWithin(
  changes: readonly { readonly unixMs: number; readonly state: WayState }[],
  from: number,
  until: number,
): WayState {
  const before = changes.filter(({ unixMs }) => unixMs <= from).at(-1);
  const states = [before, ...changes.filter(({ unixMs }) => unixMs > from && unixMs < until)].map((one) => one?.state);
  if (states.includes('unhealthy')) return 'unhealthy';
  return states.includes('healthy') ? 'healthy' : 'unknown';
}

function summaryOf(states: readonly WayState[]): State {
  if (!states.includes('unhealthy')) return states.includes('healthy') ? 'healthy' : 'unknown';
  return states.includes('healthy') ? 'degraded' : 'unhealthy';
}
