/** What every long-running program does around its work: say that it is ready, and stop in order when asked. */
import { createClock } from '../../io/clock.ts';
import { createLog, type Log, type LogLevel } from '../../io/log.ts';
import { onStopRequest, reportReady } from '../../io/parent-process.ts';
import { VERSION } from '../version.ts';

export interface StartedProgram {
  /** What the parent is told and the log says: addresses and names. */
  readonly details: Readonly<Record<string, unknown>>;
  /** What the parent alone is told. */
  readonly secrets?: Readonly<Record<string, unknown>>;
  close(): Promise<void>;
}

/** The version that nodes tell one another. */
export const SOFTWARE = `manis/${VERSION}`;

/** A request to stop that comes while the program starts is obeyed when it has started. */
export async function runProgram(
  name: string,
  level: LogLevel,
  start: (log: Log) => Promise<StartedProgram>,
): Promise<void> {
  const log = createLog({ level, fields: { program: name, pid: process.pid } });
  const asked = Promise.withResolvers<void>();
  onStopRequest(createClock(), asked.resolve);
  const program = await start(log);
  log.info('ready', program.details);
  reportReady({ ...program.details, ...program.secrets });
  await asked.promise;
  log.info('stopping');
  await program.close();
  log.info('stopped');
  if (process.connected) process.disconnect?.();
}
