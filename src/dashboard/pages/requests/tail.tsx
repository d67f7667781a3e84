/** Requests as they come. Paused, those that come wait, a bounded number of them. */
import { Pause, Play } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { followRequests } from '../../frame/live.ts';
import { type LoggedRequest, useLive } from '../../frame/live-state.ts';
import { Badge } from '../../look/badge.tsx';
import { Button } from '../../look/button.tsx';
import { Card } from '../../look/page.tsx';
import { TEXTS } from '../../texts/index.ts';
import { type Filter, fits, streamQuery } from './filter.ts';
import { RequestRows } from './request-rows.tsx';

const texts = TEXTS.requests;
const ROWS_KEPT = 200;

export function TailView({ filter }: { readonly filter: Filter }) {
  const { isOpen } = useLive();
  const [rows, setRows] = useState<readonly LoggedRequest[]>([]);
  const [waiting, setWaiting] = useState<readonly LoggedRequest[]>([]);
  const [isPaused, setPaused] = useState(false);
  const [lost, setLost] = useState(0);
  const paused = useRef(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another filter is another tail, by its key
  useEffect(
    () =>
      followRequests({
        query: streamQuery(filter),
        request(request) {
          if (!fits(request, filter)) return;
          const add = (before: readonly LoggedRequest[]): readonly LoggedRequest[] =>
            before.some(({ id }) => id === request.id) ? before : [request, ...before].slice(0, ROWS_KEPT);
          if (paused.current) setWaiting(add);
          else setRows(add);
        },
        lost: (count) => setLost((before) => before + count),
      }),
    [],
  );
  const toggle = (): void => {
    paused.current = !isPaused;
    setPaused(!isPaused);
    setRows([...waiting, ...rows].slice(0, ROWS_KEPT));
    setWaiting([]);
  };
  return (
    <Card
      isFlush
      title={
        <Badge standing={isPaused ? 'none' : isOpen ? 'good' : 'warn'}>
          {isPaused ? texts.pause : isOpen ? TEXTS.overview.live : TEXTS.overview.notLive}
        </Badge>
      }
      actions={
        <Button
          icon={isPaused ? <Play size={16} aria-hidden="true" /> : <Pause size={16} aria-hidden="true" />}
          onClick={toggle}
        >
          {isPaused ? texts.resume : texts.pause}
        </Button>
      }
    >
      {(isPaused || lost > 0) && (
        <p role="status" className="px-5 pb-3 text-sm text-quiet">
          {isPaused && texts.tailPaused(waiting.length)} {lost > 0 && texts.tailLost(lost)}
        </p>
      )}
      {rows.length === 0 ? <p className="px-5 pb-5 text-quiet">{texts.tailWaits}</p> : <RequestRows rows={rows} />}
    </Card>
  );
}
