/** `manis dns-provider`: accounts at those who serve zones, for proofs to certificate authorities. */
import type { CommandDef } from 'citty';
import { group } from '../command.ts';
import type { Environment } from '../environment.ts';
import { requireText } from '../programs/enrolment.ts';
import { apiCommand, commonCommands, find, given, type Item, type Noun, shown } from './noun.ts';
import { fileFlag, requiredFlag, requiredWordFlag, textFlag, truthFlag, wordFlag } from './words.ts';

export const DNS_PROVIDER: Noun = {
  name: 'dns-provider',
  title: 'DNS provider',
  path: '/dns-providers',
  columns: ['id', 'name', 'kind', 'server', 'endpoint'],
  names: ['name'],
};

const shape = {
  secretFile: fileFlag('File with the API token, secret access key, or TSIG key (base64)'),
  accessKeyId: textFlag('ID', 'Route 53: access key id'),
  server: textFlag('HOST', 'RFC 2136: the primary server, with :port where it is not 53'),
  keyName: textFlag('NAME', 'RFC 2136: name of the TSIG key'),
  algorithm: wordFlag(['hmac-sha256', 'hmac-sha384', 'hmac-sha512'], 'RFC 2136: of the TSIG key'),
  endpoint: textFlag('URL', 'In place of the provider’s own address'),
  allowPrivate: truthFlag('Whether it may be at a private address'),
};

type Flags = { readonly [Key in keyof typeof shape]?: unknown };

async function bodyOf(flags: Flags): Promise<Record<string, unknown>> {
  const { secretFile, accessKeyId, server, keyName, algorithm, endpoint, allowPrivate } = flags;
  const secret = typeof secretFile === 'string' ? (await requireText('secret-file', secretFile)).trim() : undefined;
  return given({ secret, accessKeyId, server, keyName, algorithm, endpoint, allowPrivate });
}

export function dnsProviderCommands(environment: Environment): CommandDef {
  return group('dns-provider', 'Accounts at those who serve zones, for proofs to certificate authorities', {
    ...commonCommands(environment, DNS_PROVIDER),
    add: apiCommand(environment, {
      name: 'add',
      description: 'Add a DNS provider',
      positionals: ['name'],
      shape: { kind: requiredWordFlag(['cloudflare', 'route53', 'rfc2136'], 'Who it is'), ...shape },
      run: async (api, settings, [name = '']) =>
        shown(await api.post<Item>('/dns-providers', { name, kind: settings.kind, ...(await bodyOf(settings)) })),
    }),
    update: apiCommand(environment, {
      name: 'update',
      description: 'Change a DNS provider',
      positionals: ['dns-provider'],
      shape: { name: textFlag('NAME', 'Its new name'), ...shape },
      run: async (api, settings, [word = '']) => {
        const { id } = await find(api, DNS_PROVIDER, word);
        const body = { ...given({ name: settings.name }), ...(await bodyOf(settings)) };
        return shown(await api.patch<Item>(`/dns-providers/${id}`, body));
      },
    }),
    test: apiCommand(environment, {
      name: 'test',
      description: 'Ask the provider for the zone of a name, which shows that the secret is good',
      positionals: ['dns-provider'],
      shape: { domain: requiredFlag('NAME', 'A name in the zone') },
      run: async (api, { domain }, [word = '']) => {
        const { id } = await find(api, DNS_PROVIDER, word);
        const found = await api.post<{ zone: string }>(`/dns-providers/${id}/test`, { name: domain });
        return { text: `The provider serves ${domain} in the zone ${found.zone}.`, value: found };
      },
    }),
  });
}
