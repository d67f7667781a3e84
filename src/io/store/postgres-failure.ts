import { Failure } from '../../base/index.ts';
import { conflictFailure, referenceFailure, StoreFailure, type StoreFailureCode } from './store-failure.ts';

type Words = readonly [StoreFailureCode, string];

const UNAVAILABLE: Words = [
  'store-unavailable',
  'PostgreSQL cannot be reached; this goes on by itself when it is back',
];
const BROKEN_OFF: Words = ['store-busy', 'the store is busy: another control node changes the same; try again'];
const SLOW: Words = ['store-busy', 'the store is busy: PostgreSQL did not finish in time; try again'];
const BARRED: Words = [
  'store-authentication',
  'PostgreSQL refuses this user: check user and password of the store, and pg_hba.conf',
];

/** By SQLSTATE, or by its class of two characters (https://www.postgresql.org/docs/current/errcodes-appendix.html). */
const POSTGRES_FAILURES: Readonly<Record<string, Words>> = {
  '08': UNAVAILABLE,
  '57P01': UNAVAILABLE,
  '57P02': UNAVAILABLE,
  '57P03': UNAVAILABLE,
  '57P05': UNAVAILABLE,
  '53300': ['store-unavailable', 'PostgreSQL has no free connection; raise max_connections or stop other programs'],
  '28': BARRED,
  '3D000': ['store-unreadable', 'the database of the store does not exist; make it with createdb'],
  '42501': ['store-permission', 'the user of the store may not do this; it must own the database or its schema'],
  '25006': ['store-read-only', 'this PostgreSQL takes no writes: it is a standby; point the store at the primary'],
  '40': BROKEN_OFF,
  '55P03': BROKEN_OFF,
  '57014': SLOW,
  '53100': ['store-disk-full', "PostgreSQL's disk is full: nothing more can be stored until there is room"],
  '53': SLOW,
  '58': ['store-unreadable', 'PostgreSQL cannot read or write its files; see its log'],
  XX001: ['store-corrupt', 'the store is damaged: PostgreSQL found a bad page; restore a backup'],
  XX002: ['store-corrupt', 'the store is damaged: PostgreSQL found a bad index; restore a backup'],
  '22021': ['store-value-invalid', 'a text holds the character NUL, which cannot be stored'],
  '22P05': ['store-value-invalid', 'a text holds a character that cannot be stored'],
};

/** Codes of sockets and of names that are not found, and what the driver says when a connection is gone. */
const NETWORK_CODES =
  /^(E(CONN\w+|PIPE|HOSTUNREACH|NETUNREACH|TIMEDOUT|NOTFOUND|AI_AGAIN|NOENT|ACCES)|CERT_\w+|\w*_?TLS_\w+)$/;
const GONE =
  /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|not queryable|Cannot use a pool/;

/** Turns what the driver threw into a failure with a stable code. Failures pass as they are. */
export function postgresFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  const { code, detail, table, constraint } = error as Partial<Record<string, string>>;
  const message = error instanceof Error ? error.message : String(error);
  if (code === '23505') return conflictFailure(table ?? '', columnsOf(detail, constraint), error);
  if (code === '23503') return referenceFailure(error);
  if (code === '23502' || code === '23514')
    return new StoreFailure('store-error', `the store refused a row: ${message}`, error);
  const words = wordsOf(code ?? '', message);
  if (!words) return new StoreFailure('store-error', `the store failed: ${message}`, error);
  const cause = code !== undefined && /^[0-9A-Z]{5}$/.test(code) ? '' : ` (${message || code})`;
  return new StoreFailure(words[0], `${words[1]}${cause}`, error);
}

function wordsOf(code: string, message: string): Words | undefined {
  const ofServer = POSTGRES_FAILURES[code] ?? POSTGRES_FAILURES[code.slice(0, 2)];
  if (ofServer && /^[0-9A-Z]{5}$/.test(code)) return ofServer;
  if (/SASL|client password must be|password authentication/.test(message)) return BARRED;
  if (/server does not support SSL/.test(message))
    return ['store-unavailable', 'PostgreSQL speaks no TLS there; set sslmode=disable in the URL if that is meant'];
  if (/self-signed certificate|unable to (get|verify)|altnames|certificate/i.test(message))
    return ['store-unavailable', "PostgreSQL's certificate is not trusted; name its authority with sslrootcert"];
  if (message === 'Query read timeout') return SLOW;
  return NETWORK_CODES.test(code) || GONE.test(message) ? UNAVAILABLE : undefined;
}

/** `Key (organisation_id, name)=(org_1, a) already exists.` names the columns, as SQLite does. */
function columnsOf(detail = '', constraint = ''): readonly string[] {
  const key = /^Key \((.+?)\)=\(/.exec(detail)?.[1];
  if (key === undefined) return [constraint];
  return key.split(', ').map((column) => /^(?:lower\()?"?(\w+)/.exec(column)?.[1] ?? column);
}
