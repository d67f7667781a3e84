/** The other end of `SupervisedProcess`: what a program says to whoever started it, and when it has to stop. */
import type { Clock, Failure, Milliseconds } from '../base/index.ts';
import type { ChildMessage } from './processes.ts';

/** Tells the parent, where there is one, that the program is ready. */
export function reportReady(details: Readonly<Record<string, unknown>>): void {
  send({ type: 'ready', details });
}

/** Tells the parent why the program cannot start. Resolved when it has heard; the channel would keep this process alive. */
export async function reportFailed(failure: Failure): Promise<void> {
  await send({ type: 'failed', code: failure.code, message: failure.message });
  if (process.connected) process.disconnect?.();
}

/**
 * Calls `stop` once: at SIGINT or SIGTERM, or when the parent is gone however it went. A second signal, later than a
 * terminal's and npm's echo of the first, ends the process at once.
 */
export function onStopRequest(clock: Clock, stop: () => void): void {
  let firstMs: Milliseconds | undefined;
  const asked = (): void => {
    if (firstMs === undefined) {
      firstMs = clock.nowMs();
      stop();
    } else if (clock.nowMs() - firstMs > ECHO_MS) {
      process.exit(130);
    }
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, asked);
  // The channel closes at every stop, and must not count as somebody's second wish.
  if (process.connected)
    process.once('disconnect', () => {
      if (firstMs === undefined) asked();
    });
}

const ECHO_MS = 1_000;

function send(message: ChildMessage): Promise<void> {
  return new Promise((resolve) => {
    if (!process.connected || !process.send) resolve();
    else process.send(message, undefined, undefined, () => resolve());
  });
}
