/** Waits until PoPs have confirmed what was revoked, and says who has not. */
import { setTimeout as sleep } from 'node:timers/promises';
import { at, type ControlApi } from './control-api.ts';
import type { Printed } from './printed.ts';

/** Twice the time in which every PoP that is connected is promised to refuse. */
const WAIT_MS = 2_000;
const POLL_MS = 50;

export interface RevocationProgress {
  readonly acknowledged: number;
  readonly of: number;
  readonly pops: readonly { readonly name: string; readonly connected: boolean; readonly acknowledged: boolean }[];
}

/** Of everything that is revoked until now. */
export async function untilRevoked(api: ControlApi): Promise<Printed> {
  let progress = await api.get('/revocations/{sequence}', at({ sequence: 'latest' }));
  for (let waitedMs = 0; progress.acknowledged < progress.of && waitedMs < WAIT_MS; waitedMs += POLL_MS) {
    await sleep(POLL_MS);
    progress = await api.get('/revocations/{sequence}', at({ sequence: 'latest' }));
  }
  return { text: progressText(progress), value: progress };
}

export function progressText({ acknowledged, of, pops }: RevocationProgress): string {
  const missing = pops.filter((pop) => !pop.acknowledged);
  const names = missing.map((pop) => `${pop.name} (${pop.connected ? 'has not confirmed yet' : 'cut off'})`);
  return `Revoked on ${acknowledged} of ${of} PoPs${names.length > 0 ? `; not on ${names.join(', ')}` : ''}.`;
}
