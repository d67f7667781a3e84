/** A person in a host of the lab: signs in, then does what the test says. */

import { Visitor } from '../e2e/visitor.ts';
import { answerCalls } from '../lab/calls.ts';
import { type StreamPlan, TrafficClient } from './client.ts';
import type { WebSocketPlan } from './web-socket.ts';

export interface PersonSettings {
  readonly origin: string;
  readonly endpoints: readonly string[];
  readonly ca: string;
  readonly email: string;
  readonly password: string;
}

let client: TrafficClient | undefined;
let last: PersonSettings | undefined;

function signedIn(): TrafficClient {
  if (!client) throw new Error('nobody has signed in');
  return client;
}

/** The Cookie field of the application's host, after the way over the portal. */
async function signIn({ origin, endpoints, ca, email, password }: PersonSettings): Promise<string> {
  const visitor = new Visitor({ ca, via: endpoints[0] ?? '' });
  const answer = await visitor.signIn(`${origin}/item?id=1`, email, password);
  if (answer.status !== 200) throw new Error(`${answer.url} answered ${answer.status}`);
  return visitor.cookieFor(new URL(origin).host);
}

answerCalls({
  signIn,
  /** Goes on as somebody who has signed in, by these addresses in this order, or by those of before. */
  useCookie(settings: PersonSettings | null, cookie: string): void {
    client?.close();
    last = settings ?? last;
    if (last) client = new TrafficClient({ ...last, cookie });
  },
  item: (id: number) => signedIn().item(id),
  write: (id: number) => signedIn().write(id),
  download: (id: number, plan: StreamPlan) => signedIn().download(id, plan),
  upload: (id: number, plan: StreamPlan) => signedIn().upload(id, plan),
  webSocket: (id: number, plan: WebSocketPlan) => signedIn().webSocket(id, plan),
  progress: (id: number) => signedIn().progress(id),
});
