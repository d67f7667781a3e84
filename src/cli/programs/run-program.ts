/** What every long-running program does around its work: say that it is ready, be observed, and stop in order when asked. */
import { createClock } from '../../io/clock.ts';
import { createLog, type Log, type LogLevel } from '../../io/log.ts';
import type { NodeKind } from '../../io/metrics/not-ready.ts';
import { onStopRequest, reportReady } from '../../io/parent-process.ts';
import { type ObservationChoice, ObservedProgram, type WhatIsObserved } from './observed-program.ts';

export interface StartedProgram {
  /** What the parent is told and the log says: addresses and names. */
  readonly details: Readonly<Record<string, unknown>>;
  /** What the parent alone is told. */
  readonly secrets?: Readonly<Record<string, unknown>>;
  /** Left out: nothing is observed of it. */
  readonly observed?: WhatIsObserved;
  close(): Promise<void>;
}

/** The version that nodes tell one another. */
export const SOFTWARE = 'manis/0.1.0';

export interface ProgramOptions {
  readonly logLevel: LogLevel;
  /** Where metrics and health are served. Left out: nowhere. */
  readonly metrics?: ObservationChoice;
}

/** A request to stop that comes while the program starts is obeyed when it has started. */
export async function runProgram(
  name: NodeKind | 'demo',
  { logLevel, metrics }: ProgramOptions,
  start: (log: Log) => Promise<StartedProgram>,
): Promise<void> {
  const log = createLog({ level: logLevel, fields: { program: name, pid: process.pid } });
  const asked = Promise.withResolvers<void>();
  onStopRequest(createClock(), asked.resolve);
  const observed = name === 'demo' ? undefined : new ObservedProgram(name, SOFTWARE, log);
  const observers = await observed?.open(metrics);
  const program = await start(log);
  observed?.started(program.observed);
  log.info('ready', { ...program.details, ...observers });
  reportReady({ ...program.details, ...program.secrets });
  await asked.promise;
  log.info('stopping');
  observed?.stopping();
  await program.close();
  observed?.close();
  log.info('stopped');
  if (process.connected) process.disconnect?.();
}
