/** Flags of resources that are no HTTP. */
import { UsageFailure } from '../config/usage-failure.ts';
import { formatTable } from '../terminal/table.ts';
import { given } from './noun.ts';
import { listFlag, numberFlag, textFlag } from './words.ts';

const MILLISECONDS = 1000;

export const streamShape = {
  tcp: textFlag('PORT|FIRST-LAST', 'Carry TCP from these ports of every PoP to tcp:// targets'),
  udp: textFlag('PORT|FIRST-LAST', 'Carry UDP from these ports of every PoP to udp:// targets'),
  tlsPassthrough: textFlag('HOST', 'Pass TLS for this name through to tcp:// targets, on the port that browsers use'),
  port: numberFlag(1, 65_535, 'With --tls-passthrough: a port of its own'),
  udpIdleSeconds: numberFlag(1, 86_400, 'With --udp: silence after which a session is over'),
  proxyFrom: listFlag('PREFIX', 'Believe PROXY headers from these addresses; none: from nobody'),
  proxyTo: textFlag('1|2|none', 'Write a PROXY header of this version to targets'),
};

export interface StreamFlags {
  readonly tcp?: string | undefined;
  readonly udp?: string | undefined;
  readonly tlsPassthrough?: string | undefined;
  readonly access?: boolean | undefined;
  readonly port?: number | undefined;
  readonly udpIdleSeconds?: number | undefined;
  readonly proxyFrom?: readonly string[] | undefined;
  readonly proxyTo?: string | undefined;
}

/** What the flags come to in the body of a new resource. UsageFailure where they contradict one another. */
export function newStreamBody(flags: StreamFlags, host: string | undefined) {
  const { tcp, udp, tlsPassthrough, access } = flags;
  const flagged = { tcp, udp, tls: tlsPassthrough, access: access || undefined };
  const kinds = (Object.keys(flagged) as (keyof typeof flagged)[]).filter((kind) => flagged[kind] !== undefined);
  if (kinds.length > 1) throw wrong('--tcp, --udp, --tls-passthrough and --access: a resource has one of them');
  const [kind] = kinds;
  if ((!kind || access) && host === undefined)
    throw wrong('--host: needed, unless --tcp, --udp or --tls-passthrough is given');
  return given({ kind, host: tlsPassthrough ?? host, ...changedStreamBody(flags) });
}

/** What the flags come to in the body of a change. */
export function changedStreamBody(flags: StreamFlags) {
  const { tcp, udp, port, udpIdleSeconds, proxyFrom, proxyTo } = flags;
  const range = tcp ?? udp;
  const idleMs = udpIdleSeconds && udpIdleSeconds * MILLISECONDS;
  const listen =
    range !== undefined
      ? { ...readRange(range), ...given({ idleMs }) }
      : port === undefined
        ? undefined
        : { first: port };
  const from = proxyFrom?.filter((word) => word !== 'none');
  const proxyProtocol = (from ?? proxyTo) === undefined ? undefined : given({ from, to: readVersion(proxyTo) });
  return given({ listen, proxyProtocol });
}

function readRange(text: string): { first: number; last: number } {
  const [first, last = first, ...rest] = text.split('-').map(Number);
  const isPort = (port: number | undefined) =>
    Number.isInteger(port) && (port as number) >= 1 && (port as number) <= 65_535;
  if (!isPort(first) || !isPort(last) || rest.length > 0)
    throw wrong(`${JSON.stringify(text)}: expected a port such as 5432, or a range such as 5000-5010`);
  return { first: first as number, last: last as number };
}

function readVersion(text: string | undefined): 1 | 2 | null | undefined {
  if (text === undefined) return undefined;
  if (text === 'none') return null;
  if (text === '1' || text === '2') return Number(text) as 1 | 2;
  throw wrong(`--proxy-to ${text}: expected 1, 2 or none`);
}

function wrong(sentence: string): UsageFailure {
  return new UsageFailure('setting-invalid', sentence);
}

/** What the API says of the ports of a resource. */
export interface Listeners {
  readonly items: readonly {
    readonly popName: string;
    readonly connected: boolean;
    readonly ports: readonly { readonly first: number; readonly last: number; readonly state: string }[];
  }[];
}

export function listenersText(items: Listeners['items'], columns?: number): string {
  const rows = items.flatMap(({ popName, connected, ports }) => {
    const states = ports.map(({ first, last, state }) => [first === last ? `${first}` : `${first}-${last}`, state]);
    const said = states.length > 0 ? states : [['-', connected ? 'nothing of its own' : 'unknown: the PoP is cut off']];
    return said.map(([port = '', state = '']) => [popName, port, state]);
  });
  return formatTable(['pop', 'port', 'state'], rows, columns);
}
