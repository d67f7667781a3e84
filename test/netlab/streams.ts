/** Streams that a scenario has under way while something happens to the network, and what must have become of them. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HostProcess } from '../lab/host-process.ts';
import type { StreamPlan } from '../traffic/client.ts';
import type { Outcome } from '../traffic/outcome.ts';
import type { WebSocketPlan } from '../traffic/web-socket.ts';

export interface Stream {
  readonly outcome: Promise<Outcome>;
  /** Until so many more bytes (of a WebSocket: messages) have moved, or it is over. */
  moves(amount: number): Promise<void>;
}

const POLL_MS = 20;
/**
 * A second and a half is promised and measured by the benchmark `failover`; a test on a machine that does ten other
 * things tells only a stall from an end.
 */
const STALL_LIMIT_MS = 8_000;
const EVENTUALLY_TRIES = 100;
const EVENTUALLY_PAUSE_MS = 100;
let lastId = 1_000;

/** One megabyte a second, for so many seconds. */
export function pacedFor(seconds: number): StreamPlan {
  return { seed: ++lastId, bytes: seconds * 1_000_000, rate: 1_000_000 };
}

export const download = (person: HostProcess, plan: StreamPlan): Promise<Stream> =>
  start(person, 'download', plan, plan.bytes / 10);
export const upload = (person: HostProcess, plan: StreamPlan): Promise<Stream> =>
  start(person, 'upload', plan, plan.bytes / 10);
export const webSocket = (person: HostProcess, plan: WebSocketPlan): Promise<Stream> =>
  start(person, 'webSocket', plan, plan.messages / 10);

export function item(person: HostProcess): Promise<Outcome> {
  return person.call<Outcome>('item', ++lastId);
}

/** Asks again and again until the person has it: for what comes back by itself. */
export async function eventually(person: HostProcess, what: string): Promise<Outcome> {
  for (let tries = 0; ; tries++) {
    const outcome = await item(person);
    if (outcome.isDone) return outcome;
    if (tries >= EVENTUALLY_TRIES) throw new Error(`${what} never came: ${JSON.stringify(outcome)}`);
    await sleep(EVENTUALLY_PAUSE_MS);
  }
}

/** Nothing went wrong: one connection, every byte right, no end but its own. */
export function wentOn(outcome: Outcome, what: string): void {
  assert.deepEqual(outcome.incidents, [], what);
  cameThrough(outcome, what);
}

/** The person has what was asked for, however often something had to be tried again. */
export function cameThrough(outcome: Outcome, what: string): void {
  assert.equal(outcome.isDone, true, `${what}: ${JSON.stringify(outcome)}`);
  assert.equal(outcome.wrongBytes, 0, `${what}: ${JSON.stringify(outcome)}`);
  assert.ok(outcome.stallMs < STALL_LIMIT_MS, `${what} stalled for ${outcome.stallMs} ms`);
}

/** Resolves when the stream has begun to move. */
async function start(
  person: HostProcess,
  method: 'download' | 'upload' | 'webSocket',
  plan: StreamPlan | WebSocketPlan,
  first: number,
): Promise<Stream> {
  const id = ++lastId;
  let isOver = false;
  const outcome = person.call<Outcome>(method, id, plan).finally(() => {
    isOver = true;
  });
  outcome.catch(() => undefined);
  const progress = (): Promise<number> => person.call<number>('progress', id);
  const moves = async (amount: number): Promise<void> => {
    const before = await progress();
    while (!isOver && (await progress()) < before + amount) await sleep(POLL_MS);
  };
  await moves(first);
  return { outcome, moves };
}
