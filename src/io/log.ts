/** One JSON object a line for machines to read. What happened is a short stable phrase; the rest is fields. */
import pino from 'pino';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
export type LogFields = Readonly<Record<string, unknown>>;

/** `log.info('tunnel up', { connectorId, rttMs })`. An `Error` goes into the field `error`. */
export interface Log {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
  /** A log that adds these fields to every line. */
  child(fields: LogFields): Log;
}

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
export function createLog(options: LogOptions): Log {
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
    destination,
  );
  return fromPino(logger);
}

function fromPino(logger: pino.Logger): Log {
  return {
    debug: (event, fields) => logger.debug(fields ?? {}, event),
    info: (event, fields) => logger.info(fields ?? {}, event),
    warn: (event, fields) => logger.warn(fields ?? {}, event),
    error: (event, fields) => logger.error(fields ?? {}, event),
    child: (fields) => fromPino(logger.child(fields)),
  };
}
