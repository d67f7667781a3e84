import { CHANGE_LOOK_MS, CHANGE_LOOKS_MAX, PROOF_TTL_SECONDS } from './constants.ts';
import { type DnsProvider, DnsProviderFailure, type DnsProviderPorts, zonesAbove } from './dns-provider.ts';
import { askProvider, type ProviderAnswer } from './provider-request.ts';
import { signatureV4 } from './signature-v4.ts';

const ENDPOINT = 'https://route53.amazonaws.com';
const VERSION = '2013-04-01';
/** It has one region for the world. */
const REGION = 'us-east-1';

export interface Route53Options {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly endpoint?: string;
  readonly allowPrivate?: boolean;
}

interface Zone {
  /** Without `/hostedzone/`. */
  readonly id: string;
  readonly name: string;
}

/** Amazon Route 53. All texts of a name are one record set there, so others' texts are kept as they are. */
export function route53(options: Route53Options, ports: DnsProviderPorts): DnsProvider {
  const ask = (method: string, path: string, body = ''): Promise<string> => call(options, ports, method, path, body);

  const zoneOf = async (name: string): Promise<Zone> => {
    for (const zone of zonesAbove(name)) {
      const found = await ask('GET', `/hostedzonesbyname?dnsname=${zone}&maxitems=1`);
      const [first = ''] = elements(found, 'HostedZone');
      const id = element(first, 'Id')?.replace('/hostedzone/', '');
      if (id !== undefined && element(first, 'Name') === `${zone}.` && element(first, 'PrivateZone') !== 'true')
        return { id, name: zone };
    }
    throw new DnsProviderFailure('dns-provider-zone-unknown', `Route 53 has no zone for ${name} that this key sees`);
  };

  const textsAt = async (zone: Zone, name: string) => {
    const found = await ask('GET', `/hostedzone/${zone.id}/rrset?maxitems=1&name=${name}&type=TXT`);
    const [set = ''] = elements(found, 'ResourceRecordSet');
    // It answers with the next one where there is none.
    if (element(set, 'Name') !== `${name}.` || element(set, 'Type') !== 'TXT') return undefined;
    return { texts: elements(set, 'Value').map(unescaped), ttl: element(set, 'TTL') ?? String(PROOF_TTL_SECONDS) };
  };

  const change = async (zone: Zone, action: string, name: string, texts: readonly string[], ttl: string) => {
    const answer = await ask('POST', `/hostedzone/${zone.id}/rrset`, changeBody(action, name, texts, ttl));
    return { id: element(answer, 'Id')?.replace('/change/', ''), status: element(answer, 'Status') };
  };

  const inSync = async ({ id, status }: Awaited<ReturnType<typeof change>>): Promise<void> => {
    let now = status;
    for (let looks = 0; now !== 'INSYNC' && id !== undefined; looks++) {
      if (looks >= CHANGE_LOOKS_MAX)
        throw new DnsProviderFailure('dns-provider-busy', 'Route 53 has not brought the change to its servers in time');
      await ports.wait(CHANGE_LOOK_MS);
      now = element(await ask('GET', `/change/${id}`), 'Status');
    }
  };

  return {
    async putTxt(name, value) {
      const zone = await zoneOf(name);
      const known = await textsAt(zone, name);
      const texts = new Set([...(known?.texts ?? []), `"${value}"`]);
      await inSync(await change(zone, 'UPSERT', name, [...texts], known?.ttl ?? String(PROOF_TTL_SECONDS)));
    },
    async removeTxt(name, value) {
      const zone = await zoneOf(name);
      const known = await textsAt(zone, name);
      if (!known?.texts.includes(`"${value}"`)) return;
      const others = known.texts.filter((text) => text !== `"${value}"`);
      if (others.length > 0) await change(zone, 'UPSERT', name, others, known.ttl);
      else await change(zone, 'DELETE', name, known.texts, known.ttl);
    },
    zoneOf: async (name) => (await zoneOf(name)).name,
  };
}

/** A batch of one change. */
function changeBody(action: string, name: string, texts: readonly string[], ttl: string): string {
  const values = texts.map((text) => `<ResourceRecord><Value>${escaped(text)}</Value></ResourceRecord>`).join('');
  const set = `<Name>${name}.</Name><Type>TXT</Type><TTL>${ttl}</TTL><ResourceRecords>${values}</ResourceRecords>`;
  return (
    `<?xml version="1.0" encoding="UTF-8"?><ChangeResourceRecordSetsRequest xmlns="https://route53.amazonaws.com/doc/${VERSION}/">` +
    `<ChangeBatch><Changes><Change><Action>${action}</Action><ResourceRecordSet>${set}</ResourceRecordSet></Change></Changes></ChangeBatch>` +
    '</ChangeResourceRecordSetsRequest>'
  );
}

async function call(
  { accessKeyId, secretAccessKey, endpoint = ENDPOINT, allowPrivate }: Route53Options,
  ports: DnsProviderPorts,
  method: string,
  path: string,
  body: string,
): Promise<string> {
  const url = new URL(`/${VERSION}${path}`, endpoint);
  const make = () => {
    const unixMs = ports.unixMs();
    const signed = signatureV4(method, url, body, {
      accessKeyId,
      secretAccessKey,
      region: REGION,
      service: 'route53',
      unixMs,
    });
    const headers = { ...signed, accept: 'text/xml', ...(body !== '' && { 'content-type': 'text/xml' }) };
    return { url, request: { method, headers, body: body === '' ? undefined : body } };
  };
  const answer = await askProvider(make, { allowPrivate, ports, isBusy });
  if (answer.status < 300) return answer.text;
  const code = element(answer.text, 'Code') ?? String(answer.status);
  const message = (element(answer.text, 'Message') ?? 'no reason given').slice(0, 300);
  const isDenied = answer.status === 403 || /Signature|Token|AccessDenied/.test(code);
  throw new DnsProviderFailure(
    isDenied ? 'dns-provider-denied' : 'dns-provider-refused',
    `Route 53 refused: ${message} (${code})`,
  );
}

/** It says so with the status of a wrong request. */
function isBusy({ status, text }: ProviderAnswer): boolean {
  return status === 400 && /<Code>(?:Throttling(?:Exception)?|PriorRequestNotComplete)<\/Code>/.test(text);
}

/** Answers hold no attributes and no nesting of a name in itself where it is read. */
function elements(xml: string, name: string): string[] {
  const found: string[] = [];
  const [open, close] = [`<${name}>`, `</${name}>`];
  for (let at = xml.indexOf(open); at >= 0; at = xml.indexOf(open, at)) {
    const end = xml.indexOf(close, at);
    if (end < 0) break;
    found.push(xml.slice(at + open.length, end));
    at = end;
  }
  return found;
}

function element(xml: string, name: string): string | undefined {
  return elements(xml, name)[0];
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&quot;': '"',
  '&lt;': '<',
  '&gt;': '>',
  '&apos;': "'",
  '&amp;': '&',
};

function unescaped(text: string): string {
  return text.replace(/&(?:quot|lt|gt|apos|amp);/g, (entity) => ENTITIES[entity] ?? entity);
}

function escaped(text: string): string {
  return text.replace(/[&<>]/g, (letter) => (letter === '&' ? '&amp;' : letter === '<' ? '&lt;' : '&gt;'));
}
