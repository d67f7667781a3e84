import { createHmac, randomInt, timingSafeEqual } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { Failure, fromBase64, parseEndpoint, parseIpAddress } from '../../base/index.ts';
import {
  readUpdateReply,
  type SignedReply,
  type TextUpdate,
  type TsigAlgorithm,
  tsigInput,
  tsigTimes,
  withTsig,
  writeTextUpdate,
} from '../../core/dns/index.ts';
import { destinationClass } from '../../core/identity/index.ts';
import { type DnsServerAddress, lookUp, overTcp, textOf } from '../dns/dns-client.ts';
import { type DnsProvider, DnsProviderFailure, type DnsProviderPorts, zonesAbove } from './dns-provider.ts';

export interface Rfc2136Options {
  readonly server: string;
  readonly keyName: string;
  readonly algorithm: TsigAlgorithm;
  /** Base64. */
  readonly secret: string;
  readonly allowPrivate?: boolean;
}

/** Codes of answers (IANA: DNS RCODEs) as far as they say what is wrong. */
const RCODES: Readonly<Record<number, string>> = {
  ...{ 1: 'FORMERR', 2: 'SERVFAIL', 3: 'NXDOMAIN', 4: 'NOTIMP', 5: 'REFUSED', 6: 'YXDOMAIN', 7: 'YXRRSET' },
  ...{ 8: 'NXRRSET', 9: 'NOTAUTH', 10: 'NOTZONE', 16: 'BADSIG', 17: 'BADKEY', 18: 'BADTIME', 22: 'BADTRUNC' },
};

/** Dynamic updates to the primary server of a zone (BIND, Knot, PowerDNS, Windows), signed with TSIG, over TCP. */
export function rfc2136(options: Rfc2136Options, ports: DnsProviderPorts): DnsProvider {
  const zoneOf = async (name: string, server: DnsServerAddress): Promise<string> => {
    for (const zone of zonesAbove(name)) {
      const answer = await reach(lookUp(server, zone, 'SOA', { recursion: false }));
      if (answer.isAuthoritative && answer.answers.some((record) => record.name === zone && record.type === 6))
        return zone;
    }
    throw new DnsProviderFailure('dns-provider-zone-unknown', `${textOf(server)} serves no zone for ${name}`);
  };

  const update = async (change: Omit<TextUpdate, 'zone'>): Promise<void> => {
    const server = await serverOf(options);
    const zone = await zoneOf(change.name, server);
    await send({ ...change, zone }, server, options, ports.unixMs());
  };

  return {
    putTxt: (name, text) => update({ name, text, action: 'add' }),
    removeTxt: (name, text) => update({ name, text, action: 'remove' }),
    zoneOf: async (name) => zoneOf(name, await serverOf(options)),
  };
}

async function send(
  change: TextUpdate,
  server: DnsServerAddress,
  { keyName, algorithm, secret }: Rfc2136Options,
  unixMs: number,
): Promise<void> {
  const key = { name: keyName.toLowerCase(), algorithm };
  const id = randomInt(0x10000);
  const message = writeTextUpdate(id, change);
  if (!message) throw new DnsProviderFailure('dns-provider-refused', `${change.name} cannot be written into a zone`);
  const sign = (input: Uint8Array): Buffer =>
    createHmac(algorithm.slice('hmac-'.length), fromBase64(secret) ?? new Uint8Array())
      .update(input)
      .digest();
  const times = tsigTimes(unixMs);
  const mac = sign(tsigInput(message, key, times));
  const bytes = await reach(overTcp(server, withTsig(message, key, times, mac)));
  const reply = readUpdateReply(bytes, key, mac);
  if (reply?.id !== id)
    throw new DnsProviderFailure('dns-provider-refused', `${textOf(server)} answered something else`);
  judge(reply, sign, server, Math.floor(unixMs / 1000));
}

/** A word that is not signed may be anybody's: it is not believed where it says that all is well. */
function judge(
  { rcode, tsig }: SignedReply,
  sign: (input: Uint8Array) => Buffer,
  server: DnsServerAddress,
  nowUnixSeconds: number,
): void {
  const said = RCODES[tsig?.error || rcode] ?? `RCODE${rcode}`;
  if (tsig?.error || rcode === 9)
    throw new DnsProviderFailure('dns-provider-denied', `${textOf(server)} does not take the key: ${said}`);
  if (rcode !== 0) {
    const code = rcode === 5 ? 'dns-provider-denied' : 'dns-provider-refused';
    throw new DnsProviderFailure(code, `${textOf(server)} refused the update: ${said}`);
  }
  const expected = tsig && sign(tsig.input);
  const isSigned =
    expected?.length === tsig?.mac.length && expected && timingSafeEqual(expected, tsig?.mac ?? expected);
  const isNow = tsig && Math.abs(nowUnixSeconds - tsig.times.signedUnixSeconds) <= tsig.times.fudgeSeconds;
  if (!isSigned || !isNow)
    throw new DnsProviderFailure('dns-provider-refused', `the answer of ${textOf(server)} is not signed with the key`);
}

async function serverOf({ server, allowPrivate }: Rfc2136Options): Promise<DnsServerAddress> {
  const literal = parseEndpoint(server);
  const [, name = server, port = '53'] = literal ? [] : (/^([^:]+):(\d{1,5})$/.exec(server) ?? []);
  const hosts = literal ? [literal.address.text] : await addressesOf(name);
  const host = hosts.find((text) => mayAsk(text, allowPrivate));
  if (host === undefined)
    throw new DnsProviderFailure(
      'dns-provider-unreachable',
      `${name} is at ${hosts.join(', ') || 'no address'}, where requests may not go; a server in a private network needs its setting`,
    );
  return { host, port: literal?.port ?? Number(port) };
}

async function addressesOf(name: string): Promise<string[]> {
  const found = await lookup(name, { all: true }).catch(() => []);
  return found.map(({ address }) => address);
}

function mayAsk(text: string, allowPrivate = false): boolean {
  const address = parseIpAddress(text);
  const place = address ? destinationClass(address) : 'never';
  return place === 'public' || (place === 'private' && allowPrivate);
}

async function reach<Value>(asked: Promise<Value>): Promise<Value> {
  return asked.catch((error: unknown) => {
    const why = error instanceof Failure ? error.message : 'it failed';
    throw new DnsProviderFailure('dns-provider-unreachable', why, error);
  });
}
