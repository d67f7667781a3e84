import { domainToASCII } from 'node:url';
import { ControlFailure } from './problems.ts';

const NO_HOST = /[\s\p{Cc}/\\?#@:[\]%]/u;

/**
 * The normal form of a resource's host: lower case, A-labels (RFC 5890), no port, no trailing dot; `*.` in front stands
 * for one label. The portal's own host is refused. Failure `host-invalid`.
 */
export function normaliseHost(text: string, portalHost: string): string {
  const wildcard = text.startsWith('*.');
  const expected = `a host name such as app.${portalHost}, without scheme, port or path`;
  const bare = normalName(wildcard ? text.slice(2) : text);
  if (bare === undefined) throw invalid('host', text, expected);
  const host = wildcard ? `*.${bare}` : bare;
  if (host === portalHost || host === `*.${portalHost}`)
    throw invalid('host', text, 'a host other than the portal itself');
  return host;
}

/** The normal form of a zone or of an authority's domain. Failure `host-invalid` that names the field. */
export function dnsName(field: string, text: string): string {
  const name = normalName(text);
  if (name === undefined) throw invalid(field, text, 'a domain name such as apps.example.com');
  return name;
}

function normalName(text: string): string | undefined {
  // The parser below stops at a slash and drops tabs and line ends, so that another name than the written one would be taken.
  if (NO_HOST.test(text)) return undefined;
  const bare = domainToASCII(text.replace(/\.$/, '')).toLowerCase();
  const labels = bare.split('.');
  const valid =
    bare.length <= 253 &&
    labels.length >= 2 &&
    labels.every((label) => /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(label)) &&
    !/^\d+$/.test(labels.at(-1) ?? '');
  return valid ? bare : undefined;
}

function invalid(path: string, found: string, expected: string): ControlFailure {
  const problems = [{ path, expected, found: JSON.stringify(found.slice(0, 80)) }];
  return new ControlFailure('host-invalid', `${path}: expected ${expected}`, { problems });
}
