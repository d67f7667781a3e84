/** `manis domain`: which names are the organisation's, and which DNS records they need. */

import type { CommandDef } from 'citty';
import type { Listed } from '../../api/client.ts';
import { printable } from '../../base/index.ts';
import { group } from '../command.ts';
import type { SettingsOf } from '../config/value.ts';
import type { Environment } from '../environment.ts';
import { agoText } from '../terminal/times.ts';
import { wrapText } from '../terminal/wrap.ts';
import { at } from './control-api.ts';
import { apiCommand, commonCommands, find, given, type Noun } from './noun.ts';
import type { Printed, Reader } from './printed.ts';
import { numberFlag, requiredWordFlag, textFlag, truthFlag, wordFlag } from './words.ts';

const DOMAIN: Noun<'/domains'> = {
  name: 'domain',
  path: '/domains',
  columns: ['id', 'name', 'mode', 'certificate', 'state', 'reason'],
  names: ['name'],
};

const MODES = ['zone', 'cname', 'wildcard-cname'] as const;

const shape = {
  certificate: wordFlag(['local', 'acme', 'own'], 'Where certificates of its hosts come from'),
  challenge: wordFlag(['http-01', 'tls-alpn-01', 'dns-01', 'any'], 'How an ACME authority is convinced'),
  dnsProvider: textFlag('ID', 'DNS provider for dns-01; none for none'),
  ownCertificate: textFlag('ID', 'The certificate that you gave, for --certificate own'),
  hsts: truthFlag('Whether browsers are told to use nothing but HTTPS'),
  hstsMaxAgeSeconds: numberFlag(0, 63_072_000, 'For how long browsers remember it'),
  hstsSubDomains: truthFlag('Whether that counts for everything below as well'),
  hstsPreload: truthFlag('Whether browsers may know it before the first visit; hard to take back'),
};

type Flags = SettingsOf<typeof shape>;

function bodyOf(flags: Flags) {
  const { challenge, dnsProvider } = flags;
  const hsts = given({
    enabled: flags.hsts,
    maxAgeSeconds: flags.hstsMaxAgeSeconds,
    includeSubDomains: flags.hstsSubDomains,
    preload: flags.hstsPreload,
  });
  return given({
    certificate: flags.certificate,
    challenge: challenge === 'any' ? null : challenge,
    dnsProviderId: dnsProvider === 'none' ? null : dnsProvider,
    ownCertificateId: flags.ownCertificate,
    hsts: Object.keys(hsts).length > 0 ? hsts : undefined,
  });
}

export function domainCommands(environment: Environment): CommandDef {
  return group('domain', 'Names of the organisation, and the DNS records they need', {
    ...commonCommands(environment, DOMAIN),
    show: apiCommand(environment, {
      name: 'show',
      description: 'Show a domain: how it stands, and each DNS record that it needs',
      positionals: ['domain'],
      run: async (api, _settings, [word = '']) => checklist(await find(api, DOMAIN, word)),
    }),
    add: apiCommand(environment, {
      name: 'add',
      description: 'Add a domain, and learn which DNS records to create',
      positionals: ['name'],
      shape: { mode: requiredWordFlag(MODES, 'How its names lead to the PoPs'), ...shape },
      run: async (api, settings, [name = '']) =>
        checklist(await api.post('/domains', { body: { name, mode: settings.mode, ...bodyOf(settings) } })),
    }),
    update: apiCommand(environment, {
      name: 'update',
      description: 'Change how a domain leads to the PoPs, or where its certificates come from',
      positionals: ['domain'],
      shape: { mode: wordFlag(MODES, 'How its names lead to the PoPs'), ...shape },
      run: async (api, settings, [word = '']) => {
        const { id } = await find(api, DOMAIN, word);
        return checklist(
          await api.patch('/domains/{id}', {
            ...at({ id }),
            body: { ...given({ mode: settings.mode }), ...bodyOf(settings) },
          }),
        );
      },
    }),
    verify: apiCommand(environment, {
      name: 'verify',
      description: 'Look now, from control and every PoP, which of its DNS records are there',
      positionals: ['domain'],
      run: async (api, _settings, [word = '']) => {
        const { id } = await find(api, DOMAIN, word);
        return checklist(await api.post('/domains/{id}/verify', at({ id })));
      },
    }),
  });
}

type Domain = Listed<'/domains'>;

function checklist(item: Domain): Printed {
  return { text: (reader) => checklistText(item, reader), value: item };
}

/** What is to be copied stands on a line of its own. */
function checklistText({ name, state, stateSinceUnixMs, reason, records }: Domain, reader: Reader): string {
  const { columns = Number.POSITIVE_INFINITY, nowUnixMs } = reader;
  return [
    `${name} is ${state} (${agoText(stateSinceUnixMs, nowUnixMs)}).`,
    ...wrapText(reason, columns),
    ...records.flatMap((record) => ['', ...recordLines(record, columns)]),
  ].join('\n');
}

function recordLines({ state, type, name, value, isRequired, advice }: Domain['records'][number], columns: number) {
  return [
    `${state}  ${type} record${isRequired ? '' : ', optional'}`,
    `  name   ${printable(name)}`,
    `  value  ${printable(value)}`,
    ...(state === 'fine' ? [] : wrapText(printable(advice), columns - 2).map((line) => `  ${line}`)),
  ];
}
