import { PROOF_TTL_SECONDS } from './constants.ts';
import { type DnsProvider, DnsProviderFailure, type DnsProviderPorts, zonesAbove } from './dns-provider.ts';
import { askProvider } from './provider-request.ts';

const ENDPOINT = 'https://api.cloudflare.com';
/** "An identical record already exists." */
const ALREADY_THERE = 81058;

export interface CloudflareOptions {
  readonly endpoint?: string;
  readonly allowPrivate?: boolean;
  /** With the right to edit DNS of the zones, and no more. */
  readonly token: string;
}

interface Envelope {
  readonly success: boolean;
  readonly errors: readonly { readonly code?: number; readonly message?: string }[];
  readonly result: unknown;
}

interface Zone {
  readonly id: string;
  readonly name: string;
}

/** Cloudflare's API, version 4. */
export function cloudflare(options: CloudflareOptions, ports: DnsProviderPorts): DnsProvider {
  const ask = (method: string, path: string, body?: unknown): Promise<Envelope> =>
    call(options, ports, method, path, body);

  const zoneOf = async (name: string): Promise<Zone> => {
    for (const zone of zonesAbove(name)) {
      const { result } = await demand(ask('GET', `/zones?name=${encodeURIComponent(zone)}`));
      const found = (result as readonly Zone[]).find((one) => one.name === zone);
      if (found) return found;
    }
    throw new DnsProviderFailure(
      'dns-provider-zone-unknown',
      `Cloudflare has no zone for ${name} that this token sees`,
    );
  };

  const recordsOf = async ({ id }: Zone, name: string) => {
    const query = `type=TXT&name=${encodeURIComponent(name)}&per_page=100`;
    const { result } = await demand(ask('GET', `/zones/${id}/dns_records?${query}`));
    return result as readonly { readonly id: string; readonly content: string }[];
  };

  return {
    async putTxt(name, value) {
      const { id } = await zoneOf(name);
      const record = { type: 'TXT', name, content: `"${value}"`, ttl: PROOF_TTL_SECONDS };
      const made = await ask('POST', `/zones/${id}/dns_records`, record);
      if (made.success || made.errors.some(({ code }) => code === ALREADY_THERE)) return;
      throw refusal(made);
    },
    async removeTxt(name, value) {
      const zone = await zoneOf(name);
      for (const record of await recordsOf(zone, name))
        if (record.content === value || record.content === `"${value}"`)
          await demand(ask('DELETE', `/zones/${zone.id}/dns_records/${record.id}`));
    },
    zoneOf: async (name) => (await zoneOf(name)).name,
  };
}

async function call(
  { endpoint = ENDPOINT, allowPrivate, token }: CloudflareOptions,
  ports: DnsProviderPorts,
  method: string,
  path: string,
  body: unknown,
): Promise<Envelope> {
  const url = new URL(`/client/v4${path}`, endpoint);
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const sent = body === undefined ? undefined : JSON.stringify(body);
  const { status, text } = await askProvider(() => ({ url, request: { method, headers, body: sent } }), {
    allowPrivate,
    ports,
  });
  const envelope = envelopeOf(text);
  if (status === 401 || status === 403)
    throw new DnsProviderFailure('dns-provider-denied', `Cloudflare does not take the token: ${wordsOf(envelope)}`);
  if (!envelope) throw new DnsProviderFailure('dns-provider-refused', `Cloudflare answered ${status} with no JSON`);
  return envelope;
}

async function demand(answer: Promise<Envelope>): Promise<Envelope> {
  const envelope = await answer;
  if (!envelope.success) throw refusal(envelope);
  return envelope;
}

function refusal(envelope: Envelope): DnsProviderFailure {
  return new DnsProviderFailure('dns-provider-refused', `Cloudflare refused: ${wordsOf(envelope)}`);
}

function wordsOf(envelope: Envelope | undefined): string {
  const words = envelope?.errors.map(({ code, message }) => `${message ?? 'an error'} (${code ?? 'no code'})`) ?? [];
  return (words.join('; ') || 'no reason given').slice(0, 300);
}

function envelopeOf(text: string): Envelope | undefined {
  try {
    const json = JSON.parse(text) as Partial<Envelope> | null;
    if (typeof json !== 'object' || json === null) return undefined;
    const errors = Array.isArray(json.errors) ? json.errors : [];
    return { success: json.success === true, errors, result: json.result ?? [] };
  } catch {
    return undefined;
  }
}
