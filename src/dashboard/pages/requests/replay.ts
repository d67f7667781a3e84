import { useNavigate } from '@tanstack/react-router';
import { answerOf, type paths } from '../../../api/client.ts';
import { useChange } from '../../frame/change.ts';
import { api } from '../../frame/client.ts';
import { TEXTS } from '../../texts/index.ts';

const texts = TEXTS.captures;

export type Captured = paths['/requests/{id}/capture']['get']['responses'][200]['content']['application/json'];
export type ReplayEdit = NonNullable<
  paths['/requests/{id}/replay']['post']['requestBody']
>['content']['application/json'];

/** Sends it once more, and goes to what became of that. */
export function useReplay(id: string) {
  const navigate = useNavigate();
  return useChange({
    run: async (body: ReplayEdit) => {
      const replayed = await answerOf(api.POST('/requests/{id}/replay', { params: { path: { id } }, body }));
      await isLogged(replayed.requestId);
      return replayed;
    },
    shows: ['requests'],
    done: ({ status }) => texts.sent(status),
    isForm: true,
    onDone: ({ requestId }) => navigate({ to: '/requests/$id', params: { id: requestId } }),
  });
}

const LOOKS = 20;
const LOOK_MS = 300;

/** Points of presence tell of requests each second. */
async function isLogged(id: string): Promise<void> {
  for (let look = 0; look < LOOKS; look++) {
    const { response } = await api.GET('/requests/{id}', { params: { path: { id } } });
    if (response.ok) return;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
