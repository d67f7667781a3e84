/** `manis dns-provider`: accounts at those who serve zones, for proofs to certificate authorities. */

import type { CommandDef } from 'citty';
import { group } from '../command.ts';
import { UsageFailure } from '../config/usage-failure.ts';
import type { SettingsOf } from '../config/value.ts';
import type { Environment } from '../environment.ts';
import { requireText } from '../programs/enrolment.ts';
import { at } from './control-api.ts';
import { apiCommand, commonCommands, find, given, type Noun } from './noun.ts';
import { shown } from './printed.ts';
import { fileFlag, requiredFlag, requiredWordFlag, textFlag, truthFlag, wordFlag } from './words.ts';

export const DNS_PROVIDER: Noun<'/dns-providers'> = {
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

type Flags = SettingsOf<typeof shape>;

async function bodyOf(flags: Flags) {
  const { secretFile, accessKeyId, server, keyName, algorithm, endpoint, allowPrivate } = flags;
  const secret = secretFile && (await requireText('secret-file', secretFile)).trim();
  return given({ secret, accessKeyId, server, keyName, algorithm, endpoint, allowPrivate });
}

export function dnsProviderCommands(environment: Environment): CommandDef {
  return group('dns-provider', 'Accounts at those who serve zones, to prove names by DNS', {
    ...commonCommands(environment, DNS_PROVIDER),
    add: apiCommand(environment, {
      name: 'add',
      description: 'Add a DNS provider',
      positionals: ['name'],
      shape: { kind: requiredWordFlag(['cloudflare', 'route53', 'rfc2136'], 'Who it is'), ...shape },
      run: async (api, settings, [name = '']) => {
        const { secret, ...body } = await bodyOf(settings);
        if (secret === undefined)
          throw new UsageFailure('setting-invalid', '--secret-file is missing; expected a file');
        return shown(await api.post('/dns-providers', { body: { name, kind: settings.kind, secret, ...body } }));
      },
    }),
    update: apiCommand(environment, {
      name: 'update',
      description: 'Change a DNS provider',
      positionals: ['dns-provider'],
      shape: { name: textFlag('NAME', 'Its new name'), ...shape },
      run: async (api, settings, [word = '']) => {
        const { id } = await find(api, DNS_PROVIDER, word);
        const body = { ...given({ name: settings.name }), ...(await bodyOf(settings)) };
        return shown(await api.patch('/dns-providers/{id}', { ...at({ id }), body }));
      },
    }),
    test: apiCommand(environment, {
      name: 'test',
      description: 'Ask the provider for the zone of a name, which shows that the secret is good',
      positionals: ['dns-provider'],
      shape: { domain: requiredFlag('NAME', 'A name in the zone') },
      run: async (api, { domain }, [word = '']) => {
        const { id } = await find(api, DNS_PROVIDER, word);
        const found = await api.post('/dns-providers/{id}/test', { ...at({ id }), body: { name: domain } });
        return { text: `The provider serves ${domain} in the zone ${found.zone}.`, value: found };
      },
    }),
  });
}
