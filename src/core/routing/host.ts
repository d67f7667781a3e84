import { type IpAddress, parseIpAddress } from '../../base/address.ts';
import { MAXIMUM_HOST_LENGTH, MAXIMUM_LABEL_LENGTH } from './constants.ts';

/** The authority of a request in its one spelling (RFC 3986 section 3.2.2, RFC 9110 section 7.2). */
export interface NormalisedHost {
  /** Lower case, without trailing dot; an IPv6 address in brackets and canonical (RFC 5952). */
  readonly name: string;
  /** As it was sent; undefined where it was not. */
  readonly port: number | undefined;
  readonly address: IpAddress | undefined;
}

/** Why a Host field, SNI name or authority is refused. The answer is 400. */
export type HostDropReason =
  | 'host-empty'
  | 'host-too-long'
  | 'host-not-ascii'
  | 'host-character'
  | 'host-label'
  | 'host-port'
  | 'host-ipv6-literal'
  | 'host-ipv4-literal';

const LOWER = 'abcdefghijklmnopqrstuvwxyz0123456789-._';

/**
 * One host, one spelling: case and one trailing dot do not matter, the port is taken off. Names are ASCII; an
 * internationalised name arrives as `xn--` labels (RFC 5891) or not at all. User information is refused.
 */
export function normaliseHost(text: string): NormalisedHost | HostDropReason {
  if (text === '') return 'host-empty';
  if (text.length > MAXIMUM_HOST_LENGTH + ':65535.'.length) return 'host-too-long';
  if (text.charAt(0) === '[') return normaliseLiteral(text);
  const colon = text.indexOf(':');
  const port = colon < 0 ? undefined : readPort(text.slice(colon + 1));
  if (port === 'host-port') return port;
  const name = normaliseName(colon < 0 ? text : text.slice(0, colon));
  if (typeof name === 'string') return name;
  return { ...name, port };
}

function normaliseLiteral(text: string): NormalisedHost | HostDropReason {
  const end = text.indexOf(']');
  const address = end < 0 ? undefined : parseIpAddress(text.slice(1, end));
  if (address?.version !== 6) return 'host-ipv6-literal';
  const rest = text.slice(end + 1);
  if (rest !== '' && rest.charAt(0) !== ':') return 'host-character';
  const port = rest === '' ? undefined : readPort(rest.slice(1));
  return port === 'host-port' ? port : { name: `[${address.text}]`, port, address };
}

function normaliseName(text: string): Omit<NormalisedHost, 'port'> | HostDropReason {
  const name = text.toLowerCase();
  const bare = name.endsWith('.') ? name.slice(0, -1) : name;
  if (bare === '') return 'host-empty';
  if (bare.length > MAXIMUM_HOST_LENGTH) return 'host-too-long';
  for (let i = 0; i < bare.length; i++) {
    // Judged on what was sent: some capitals outside ASCII have an ASCII lower case (the Kelvin sign becomes k).
    if (text.charCodeAt(i) >= 128) return 'host-not-ascii';
    if (!LOWER.includes(bare.charAt(i))) return 'host-character';
  }
  return judgeLabels(bare);
}

function judgeLabels(name: string): Omit<NormalisedHost, 'port'> | HostDropReason {
  const labels = name.split('.');
  for (const label of labels)
    if (label === '' || label.length > MAXIMUM_LABEL_LENGTH || label.startsWith('-') || label.endsWith('-'))
      return 'host-label';
  // A name whose last label is a number is an address to URL parsers (WHATWG URL section 3.5), so it must be one here.
  if (!/^(?:\d+|0x[0-9a-f]*)$/.test(labels.at(-1) ?? '')) return { name, address: undefined };
  const address = parseIpAddress(name);
  return address ? { name, address } : 'host-ipv4-literal';
}

/** An empty port is the default one (RFC 3986 section 3.2.3). */
function readPort(text: string): number | undefined | 'host-port' {
  if (text === '') return undefined;
  if (text.length > 5) return 'host-port';
  let port = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 0x30;
    if (digit < 0 || digit > 9) return 'host-port';
    port = port * 10 + digit;
  }
  return port > 65_535 ? 'host-port' : port;
}
