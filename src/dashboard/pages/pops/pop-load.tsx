import { useLive } from '../../frame/live-state.ts';
import { Card, Facts } from '../../look/page.tsx';
import { TEXTS } from '../../texts/index.ts';
import type { LivePop } from './pop-state.tsx';

const texts = TEXTS.network;
/** Seconds over which requests are counted: a single one says little. */
const RATE_SECONDS = 10;
/** From here on a share is one to look at, and then one to worry about. */
const HIGH = 0.7;
const FULL = 0.9;

type Load = NonNullable<LivePop['load']>;

/** How much of what it is built for a point of presence uses, as steering sees it. */
export function utilisationOf({ connections, capacity, cpu }: Load): number {
  return Math.max(cpu, capacity > 0 ? connections / capacity : 1);
}

export function LoadCard({ popId, load }: { readonly popId: string; readonly load: Load | null }) {
  const { traffic } = useLive();
  const seconds = traffic.slice(-RATE_SECONDS);
  const requests = seconds.reduce((sum, second) => sum + (second.byPop[popId]?.requests ?? 0), 0);
  const rate = seconds.length === 0 ? 0 : requests / seconds.length;
  return (
    <Card title={texts.load} lead={texts.loadLead}>
      {load === null ? (
        <p className="text-quiet">{texts.loadUnknown}</p>
      ) : (
        <Facts
          items={[
            [
              texts.connections,
              <Share key="connections" share={load.connections / Math.max(1, load.capacity)}>
                {texts.ofCapacity(load.connections, load.capacity)}
              </Share>,
            ],
            [
              texts.processor,
              <Share key="cpu" share={load.cpu}>
                {texts.processorShare(load.cpu)}
              </Share>,
            ],
            [texts.memory, texts.megabytes(load.memoryBytes)],
            [texts.requestRate, texts.perSecond(rate)],
          ]}
        />
      )}
    </Card>
  );
}

/** What is not known comes first. */
export function loadRank(load: Load | null | undefined): number {
  return load ? utilisationOf(load) : -1;
}

/** In the list: the greater of the two shares. */
export function LoadShare({ load }: { readonly load: Load | null | undefined }) {
  if (!load) return <span className="text-quiet">–</span>;
  const share = utilisationOf(load);
  return <span className={colourOf(share)}>{Math.round(share * 100)}&nbsp;%</span>;
}

function colourOf(share: number): string {
  return share >= FULL ? 'text-bad' : share >= HIGH ? 'text-warn' : '';
}

function Share({ share, children }: { readonly share: number; readonly children: string }) {
  const fill = share >= FULL ? 'bg-bad' : share >= HIGH ? 'bg-warn' : 'bg-good';
  return (
    <span className="grid gap-1">
      <span className={colourOf(share)}>{children}</span>
      <span className="block h-1.5 overflow-hidden rounded-full bg-line" aria-hidden="true">
        <span className={`block h-full rounded-full ${fill}`} style={{ width: `${Math.min(100, share * 100)}%` }} />
      </span>
    </span>
  );
}
