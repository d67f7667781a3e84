/** The one stream of this tab: what happens, put where pages read it. While it is open nobody asks now and then. */

import type { schemas } from '../../api/client.ts';
import { queryClient } from './client.ts';
import { readEvents } from './event-stream.ts';
import { changeLive, type LoggedRequest } from './live-state.ts';
import { organisationFetch } from './organisation.ts';

/** The page loads first: the stream is opened when nothing was loaded for so many looks. */
const LOOK_MS = 250;
const QUIET_LOOKS = 4;
const START_MAX_MS = 15_000;
const RETRY_FIRST_MS = 1_000;
const RETRY_MAX_MS = 15_000;
/** A stream that lived this long was well. */
const STABLE_MS = 10_000;
/** Silence after which it is given up: the server says each ten seconds that it is there. */
const SILENT_MS = 25_000;
/** Changes within this time are one reason to read anew. */
const GATHER_MS = 250;

/** What is shown of a noun, by the first part of queries' keys, where that is not its plural. */
const KEYS_OF_NOUN: Readonly<Record<string, readonly string[]>> = {
  resource: ['resources', 'applications', 'requests'],
  target: ['targets', 'resources', 'applications'],
  'request-log': ['requests'],
  connector: ['connectors', 'sites', 'status'],
  device: ['devices', 'sites', 'status'],
  user: ['users', 'me', 'sessions'],
  role: ['roles', 'users', 'me'],
  group: ['groups', 'users', 'me'],
};

/** Who looks at requests as they come. */
export interface Tail {
  /** As the address of the stream says it. */
  readonly query: URLSearchParams;
  readonly request: (request: LoggedRequest) => void;
  readonly lost: (count: number) => void;
}

let tail: Tail | undefined;
let current: AbortController | undefined;
let isStarted = false;

/** Opens the stream, once for the tab. */
export function startLive(): void {
  if (isStarted) return;
  isStarted = true;
  void whenLoaded().then(keepOpen);
}

/** Asks for requests from now on; gives what ends that. The stream is opened anew. */
export function followRequests(wanted: Tail): () => void {
  tail = wanted;
  current?.abort();
  return () => {
    if (tail !== wanted) return;
    tail = undefined;
    current?.abort();
  };
}

async function whenLoaded(): Promise<void> {
  let loaded = -1;
  for (let quiet = 0; quiet < QUIET_LOOKS && performance.now() < START_MAX_MS; ) {
    const now = performance.getEntriesByType('resource').length;
    const isQuiet = document.readyState === 'complete' && queryClient.isFetching() === 0 && now === loaded;
    quiet = isQuiet ? quiet + 1 : 0;
    loaded = now;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

async function keepOpen(): Promise<void> {
  let retryMs = RETRY_FIRST_MS;
  for (;;) {
    const openedMs = performance.now();
    const abort = new AbortController();
    current = abort;
    const isOver = await readStream(abort).catch(() => false);
    changeLive(() => ({ isOpen: false }));
    // Whoever may look no more learns it from the next question of the page.
    if (isOver) void queryClient.invalidateQueries({ queryKey: ['me'] });
    if (abort.signal.aborted && abort.signal.reason !== SILENT_MS) continue;
    if (performance.now() - openedMs > STABLE_MS) retryMs = RETRY_FIRST_MS;
    await new Promise((resolve) => setTimeout(resolve, retryMs));
    retryMs = Math.min(RETRY_MAX_MS, retryMs * 2);
  }
}

/** True where the session is over. */
async function readStream(abort: AbortController): Promise<boolean> {
  const topics = `network,traffic,changes${tail ? ',requests' : ''}`;
  const query = new URLSearchParams([...(tail?.query ?? []), ['topics', topics]]);
  const response = await organisationFetch(new URL(`/api/v1/live?${query}`, location.href), { signal: abort.signal });
  if (!response.ok || !response.body) return false;
  let silence = silenceOf(abort);
  const watched = response.body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        clearTimeout(silence);
        silence = silenceOf(abort);
        controller.enqueue(chunk);
      },
    }),
  );
  try {
    for await (const { name, data } of readEvents(watched)) {
      if (name === 'over') return true;
      take({ event: name, data } as schemas['LiveEvent']);
    }
  } finally {
    clearTimeout(silence);
  }
  return false;
}

function silenceOf(abort: AbortController): ReturnType<typeof setTimeout> {
  return setTimeout(() => abort.abort(SILENT_MS), SILENT_MS);
}

/** What a newer server may tell besides is passed over. */
function take(told: schemas['LiveEvent']): void {
  switch (told.event) {
    case 'hello':
      // What changed while there was no stream was not heard of.
      void queryClient.invalidateQueries();
      changeLive(() => ({ isOpen: true }));
      break;
    case 'history':
      changeLive(() => ({ traffic: told.data.traffic }));
      break;
    case 'events':
      changeLive(() => ({ events: told.data.events }));
      break;
    case 'network':
      queryClient.setQueryData(['status'], told.data);
      break;
    case 'event':
      changeLive(({ events }) => ({ events: [...events, told.data] }));
      break;
    case 'traffic':
      changeLive(({ traffic }) => ({ traffic: [...traffic, told.data] }));
      break;
    case 'request':
      tail?.request(told.data);
      break;
    case 'lost':
      tail?.lost(told.data.requests);
      break;
    case 'change':
      gather(told.data.noun);
  }
}

const changedNouns = new Set<string>();

function gather(noun: string): void {
  if (changedNouns.size === 0) setTimeout(readAnew, GATHER_MS);
  changedNouns.add(noun);
}

/** What shows something that was changed is read again, as far as somebody sees it. */
function readAnew(): void {
  const nouns = [...changedNouns];
  changedNouns.clear();
  const keys = new Set([
    'audit',
    'names',
    ...nouns.flatMap((noun) => [noun, `${noun}s`, ...(KEYS_OF_NOUN[noun] ?? [])]),
  ]);
  void queryClient.invalidateQueries({ predicate: ({ queryKey }) => keys.has(String(queryKey[0])) });
}
