/** Where the store is, as a URL: `postgres://user@host:5432/database?sslmode=verify-full`. */
import { readFileSync } from 'node:fs';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import type { ClientConfig } from 'pg';
import { StoreFailure } from './store-failure.ts';

/** Parameters that the URL may have; the names are those of libpq. */
const PARAMETERS = ['host', 'port', 'user', 'sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'options'] as const;
const TLS_MODES = ['disable', 'require', 'verify-ca', 'verify-full'] as const;

/** The part of the driver's settings that the URL decides. */
export type PostgresPlace = Pick<ClientConfig, 'host' | 'port' | 'user' | 'password' | 'database' | 'ssl' | 'options'>;

export function isPostgresUrl(text: string): boolean {
  return /^postgres(ql)?:\/\//.test(text);
}

/**
 * Reads the URL. `host` may be the folder of a Unix socket (`?host=/run/postgresql`). Without `sslmode` a connection
 * within the machine is plain and any other is TLS with a verified name: the store holds every key. A password that
 * neither the URL nor the caller gives is looked for where libpq does (PGPASSWORD, ~/.pgpass). Throws a StoreFailure
 * `store-url-invalid` that never repeats the URL.
 */
export function readPostgresUrl(text: string, givenPassword?: string): PostgresPlace {
  const url = parse(text);
  for (const name of url.searchParams.keys())
    if (!(PARAMETERS as readonly string[]).includes(name))
      throw invalid(`the parameter ${name} is not known; known are ${PARAMETERS.join(', ')}`);
  const of = (name: (typeof PARAMETERS)[number]) => url.searchParams.get(name) ?? undefined;
  const host = of('host') ?? (decodeURIComponent(url.hostname).replace(/^\[|\]$/g, '') || 'localhost');
  const port = Number(of('port') ?? (url.port || 5432));
  const database = decodeURIComponent(url.pathname.slice(1));
  if (database === '') throw invalid('it names no database');
  if (!Number.isInteger(port) || port < 1 || port > 65535) throw invalid('its port is not a number from 1 to 65535');
  const user = of('user') ?? decodeURIComponent(url.username);
  if (user === '') throw invalid('it names no user');
  const password = givenPassword ?? (url.password === '' ? undefined : decodeURIComponent(url.password));
  const options = of('options');
  return {
    host,
    port,
    database,
    user,
    ...(password !== undefined && { password }),
    ...(options !== undefined && { options }),
    ssl: tlsOf(host, of),
  };
}

function parse(text: string): URL {
  const url = isPostgresUrl(text) ? URL.parse(text) : null;
  if (!url) throw invalid('it is not a URL such as postgres://user@host/database');
  return url;
}

function tlsOf(host: string, of: (name: 'sslmode' | 'sslrootcert' | 'sslcert' | 'sslkey') => string | undefined) {
  const isWithinMachine = host.startsWith('/') || host === 'localhost' || host === '::1' || /^127\./.test(host);
  const mode = of('sslmode') ?? (isWithinMachine ? 'disable' : 'verify-full');
  if (!(TLS_MODES as readonly string[]).includes(mode))
    throw invalid(`its sslmode is not one of ${TLS_MODES.join(', ')}`);
  if (mode === 'disable') return false;
  const authority = of('sslrootcert');
  const isNameFree = mode !== 'verify-full';
  return {
    // As libpq: `require` verifies where an authority is named.
    rejectUnauthorized: mode !== 'require' || authority !== undefined,
    ...(authority !== undefined && authority !== 'system' && { ca: fileOf('sslrootcert', authority) }),
    ...(of('sslcert') !== undefined && { cert: fileOf('sslcert', of('sslcert') as string) }),
    ...(of('sslkey') !== undefined && { key: fileOf('sslkey', of('sslkey') as string) }),
    // Said here, since the driver does not pass on a host that is an address.
    checkServerIdentity: (_name: string, certificate: PeerCertificate) =>
      isNameFree ? undefined : checkServerIdentity(host, certificate),
  };
}

function fileOf(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw invalid(`the file of ${name} cannot be read: ${(error as Error).message}`);
  }
}

function invalid(why: string): StoreFailure {
  return new StoreFailure('store-url-invalid', `the URL of the store cannot be used: ${why}`);
}
