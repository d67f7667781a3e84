/** One JSON object a line for machines to read. What happened is a short stable phrase; the rest is fields. */
import pino from 'pino';
import { plainJson } from '../base/index.ts';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
export type LogFields = Readonly<Record<string, unknown>>;

/** `log.info('tunnel up', { connectorId, rttMs })`. An `Error` goes into the field `error`. */
export interface Log {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
  /** Whether lines of this level are written: where they cost something to make. */
  isOn(level: keyof LineCounts): boolean;
  /** A log that adds these fields to every line. */
  child(fields: LogFields): Log;
}

/** How many lines were written, by level. */
export type LineCounts = Readonly<Record<Exclude<LogLevel, 'silent'>, number>>;

export interface LogOptions {
  readonly level: LogLevel;
  /** In every line: which program, which node. */
  readonly fields?: LogFields;
  /** Takes whole lines; standard error when left out. */
  readonly destination?: { write(line: string): void };
}

/** Fields that are never written, wherever they stand at the top or one level down. */
const SECRET_FIELDS = ['password', 'token', 'secret', 'cookie', 'authorization', 'privateKey'];

/** Lines are written at once, so that the last words of a process that dies are there. */
export function createLog(options: LogOptions): Log & { readonly lines: LineCounts } {
  const destination = options.destination ?? pino.destination({ fd: 2, sync: true });
  const logger = pino(
    {
      level: options.level,
      base: { ...options.fields },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: pino.stdSerializers.err },
      redact: { paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`]), censor: '[secret]' },
      messageKey: 'event',
    },
    // Names and paths of others are in it, and people read it in terminals.
    { write: (line: string) => void destination.write(plainJson(line)) },
  );
  const lines = { debug: 0, info: 0, warn: 0, error: 0 };
  return { ...fromPino(logger, lines), lines };
}

function fromPino(logger: pino.Logger, lines: Record<keyof LineCounts, number>): Log {
  const write = (level: keyof LineCounts, event: string, fields: LogFields = {}): void => {
    if (!logger.isLevelEnabled(level)) return;
    lines[level]++;
    logger[level](fields, event);
  };
  return {
    debug: (event, fields) => write('debug', event, fields),
    info: (event, fields) => write('info', event, fields),
    warn: (event, fields) => write('warn', event, fields),
    error: (event, fields) => write('error', event, fields),
    isOn: (level) => logger.isLevelEnabled(level),
    child: (fields) => fromPino(logger.child(fields), lines),
  };
}
