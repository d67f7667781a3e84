import { useQuery } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import { answerOf } from '../../../api/client.ts';
import { api } from '../../frame/client.ts';
import { Waiting } from '../../look/waiting.tsx';
import { TEXTS } from '../../texts/index.ts';

const texts = TEXTS.people;
const ASKED_EACH_MS = 300;

/** Follows the newest revocation: call `follow` right after something was revoked. */
export function useRevocation() {
  const [sequence, setSequence] = useState<number>();
  const follow = useCallback(async () => {
    const params = { path: { sequence: 'latest' as const } };
    const { position } = await answerOf(api.GET('/revocations/{sequence}', { params }));
    setSequence(position.sequence);
  }, []);
  return { sequence, follow };
}

/** "Ended on 2 of 3 points of presence", until it is all of them. */
export function RevocationProgress({ sequence }: { readonly sequence: number | undefined }) {
  const progress = useQuery({
    queryKey: ['revocation', sequence],
    queryFn: () =>
      answerOf(api.GET('/revocations/{sequence}', { params: { path: { sequence: sequence ?? 'latest' } } })),
    enabled: sequence !== undefined,
    refetchInterval: ({ state: { data } }) => (data && data.acknowledged >= data.of ? false : ASKED_EACH_MS),
  });
  if (sequence === undefined || !progress.data) return null;
  const { acknowledged, of, pops } = progress.data;
  const away = pops.filter((pop) => !pop.acknowledged && !pop.connected).map(({ name }) => name);
  return (
    <div className="rounded-xl border bg-sheet px-5 py-3.5 shadow-sheet">
      <Waiting
        hasCome={acknowledged >= of}
        waiting={texts.endedOn(acknowledged, of)}
        come={texts.endedOn(acknowledged, of)}
      />
      {away.length > 0 && <p className="mt-1 text-sm text-quiet">{texts.endedLater(away.join(', '))}</p>}
    </div>
  );
}
