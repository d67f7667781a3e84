/** Many people at once, from one host: they ask for things until they are told to stop, and remember every outcome. */
import { setTimeout as sleep } from 'node:timers/promises';
import { answerCalls } from '../lab/calls.ts';
import { TrafficClient, type TrafficSettings } from '../traffic/client.ts';
import type { Outcome, RequestKind } from '../traffic/outcome.ts';

export interface LoadSettings extends TrafficSettings {
  /** How many people of each kind. */
  readonly people: Readonly<Record<RequestKind, number>>;
}

const PAUSE_MS: Readonly<Record<RequestKind, number>> = {
  item: 30,
  write: 50,
  download: 50,
  upload: 50,
  'web-socket': 50,
};
const STREAM_SECONDS = 3;
const RATE = 300_000;
const MESSAGES_EVERY_MS = 50;

const outcomes: Outcome[] = [];
const people: Promise<void>[] = [];
let isOver = false;
let lastId = 0;

function ask(client: TrafficClient, kind: RequestKind): Promise<Outcome> {
  const id = ++lastId;
  const plan = { seed: id, bytes: RATE * STREAM_SECONDS, rate: RATE };
  switch (kind) {
    case 'item':
      return client.item(id);
    case 'write':
      return client.write(id);
    case 'download':
      return client.download(id, plan);
    case 'upload':
      return client.upload(id, plan);
    case 'web-socket':
      return client.webSocket(id, {
        messages: (STREAM_SECONDS * 1000) / MESSAGES_EVERY_MS,
        everyMs: MESSAGES_EVERY_MS,
      });
  }
}

async function live(client: TrafficClient, kind: RequestKind): Promise<void> {
  while (!isOver) {
    outcomes.push(await ask(client, kind));
    await sleep(PAUSE_MS[kind]);
  }
  client.close();
}

answerCalls({
  begin(settings: LoadSettings): void {
    const { endpoints } = settings;
    let first = 0;
    for (const [kind, number] of Object.entries(settings.people) as [RequestKind, number][]) {
      for (let i = 0; i < number; i++) {
        const turned = endpoints.map((_, j) => endpoints[(first + j) % endpoints.length] ?? '');
        first++;
        people.push(live(new TrafficClient({ ...settings, endpoints: turned }), kind));
      }
    }
  },
  /** Nobody asks for anything new; gives what became of everything once it is over. */
  async end(): Promise<readonly Outcome[]> {
    isOver = true;
    await Promise.all(people);
    return outcomes;
  },
});
