/** `manis provider`: whose accounts people sign in with. */

import type { CommandDef } from 'citty';
import type { BodyOf, Listed } from '../../api/client.ts';
import { PRESETS } from '../../core/identity/index.ts';
import { group } from '../command.ts';
import { UsageFailure } from '../config/usage-failure.ts';
import type { SettingsOf } from '../config/value.ts';
import type { Environment } from '../environment.ts';
import { requireText } from '../programs/enrolment.ts';
import { at } from './control-api.ts';
import { apiCommand, commonCommands, find, given, type Noun } from './noun.ts';
import { type Printed, shown } from './printed.ts';
import { fileFlag, listFlag, textFlag, truthFlag, wordFlag } from './words.ts';

export const PROVIDER: Noun<'/providers'> = {
  name: 'provider',
  title: 'identity provider',
  path: '/providers',
  columns: ['id', 'name', 'preset', 'issuer', 'enabled', 'provisioning'],
  names: ['name'],
};

const shape = {
  clientId: textFlag('ID', 'Client id, as the provider gave it'),
  clientSecretFile: fileFlag('File with the client secret'),
  issuer: textFlag('URL', 'Issuer, exactly as the provider writes it'),
  tenant: textFlag('ID', 'Microsoft Entra ID: id of your tenant, in place of the issuer'),
  label: textFlag('TEXT', 'On the button'),
  scope: listFlag('SCOPE', 'What is asked for'),
  allowPrivate: truthFlag('Whether it may be at a private address, such as a Keycloak at home'),
  caFile: fileFlag('Authority (PEM) of its certificate, where that is not a public one'),
  emailTrust: wordFlag(['claim', 'assume', 'never'], 'When an address counts as verified; assume needs --domain'),
  domain: listFlag('DOMAIN', 'Who may come through it, by verified address'),
  linkDomain: listFlag('DOMAIN', 'Domains for which a verified address links to an account that exists'),
  provisioning: wordFlag(['never', 'verified-email', 'subject'], 'Who gets an account of their own accord'),
  defaultRole: listFlag('ROLE', 'Roles of new accounts'),
  roles: textFlag('EXPRESSION', 'JMESPath over the claims that gives roles; none for none'),
  groups: textFlag('EXPRESSION', 'JMESPath over the claims that gives groups; none for none'),
  memberOf: textFlag('EXPRESSION', 'JMESPath that gives names of further organisations; none for none'),
  personName: textFlag('EXPRESSION', 'JMESPath that gives the name of a new account; none for none'),
  mfa: listFlag('VALUE', 'Values of amr and acr that stand for two factors'),
  signOut: truthFlag('Whether signing out here leads to signing out there'),
  automatic: truthFlag('Whether the sign-in page leads there at once'),
  listed: truthFlag('Whether the portal offers it where no application was asked for'),
  enabled: truthFlag('Whether it is in use'),
};

type Flags = SettingsOf<typeof shape>;
type Mapping = NonNullable<BodyOf<'patch', '/providers/{id}'>['mapping']>;

/** The body of what was said; `mapping` is whole, so what was there before goes along. */
async function bodyOf(flags: Flags, mapping: Mapping) {
  const { clientSecretFile, caFile, tenant, scope, domain, linkDomain, defaultRole, mfa, ...others } = flags;
  const { roles, groups, memberOf, personName, ...plain } = others;
  const clientSecret = clientSecretFile && (await requireText('client-secret-file', clientSecretFile)).trim();
  const caPem = caFile && (await requireText('ca-file', caFile));
  const issuer = tenant ? `https://login.microsoftonline.com/${tenant}/v2.0` : plain.issuer;
  const expressions = { ...mapping, ...given({ roles, groups, organisation: memberOf, name: personName }) };
  const kept: Mapping = Object.fromEntries(Object.entries(expressions).filter(([, text]) => text !== 'none'));
  const saysMapping = [roles, groups, memberOf, personName].some((expression) => expression !== undefined);
  return given({
    ...plain,
    issuer,
    clientSecret,
    caPem,
    scopes: scope,
    domains: domain,
    linkDomains: linkDomain,
    defaultRoles: defaultRole,
    mfaValues: mfa,
    mapping: saysMapping ? kept : undefined,
  });
}

/** Flags of this command alone, without those of the connection. */
function own(settings: Flags): Flags {
  return Object.fromEntries(Object.keys(shape).map((name) => [name, settings[name as keyof Flags]]));
}

export function providerCommands(environment: Environment): CommandDef {
  return group('provider', 'Whose accounts people sign in with', {
    ...commonCommands(environment, PROVIDER),
    add: apiCommand(environment, {
      name: 'add',
      description: `Add an identity provider: ${PRESETS.join(', ')}`,
      positionals: ['preset'],
      shape: { name: textFlag('NAME', 'In addresses; the preset where it is left out'), ...shape },
      run: async (api, settings, [word = '']) => {
        const preset = PRESETS.find((known) => known === word);
        if (preset === undefined)
          throw new UsageFailure('setting-invalid', `the preset is one of ${PRESETS.join(', ')}`);
        const body = await bodyOf(own(settings), preset === 'entra' ? { groups: 'groups', roles: 'roles' } : {});
        if (settings.clientId === undefined)
          throw new UsageFailure('setting-invalid', '--client-id is missing; expected the id that the provider gave');
        const name = settings.name ?? preset;
        const made = await api.post('/providers', { body: { ...body, preset, name, clientId: settings.clientId } });
        return addressesOf(made);
      },
    }),
    update: apiCommand(environment, {
      name: 'update',
      description: 'Change an identity provider',
      positionals: ['provider'],
      shape: { name: textFlag('NAME', 'In addresses: it changes them at the provider as well'), ...shape },
      run: async (api, settings, [word = '']) => {
        const { id } = await find(api, PROVIDER, word);
        const made = await api.editPart('/providers/{id}', at({ id }), async (now) => ({
          ...given({ name: settings.name }),
          ...(await bodyOf(own(settings), now.mapping)),
        }));
        return shown(made);
      },
    }),
    test: apiCommand(environment, {
      name: 'test',
      description: 'Ask the provider what it offers, and say where to sign in to see the claims it sends',
      positionals: ['provider'],
      run: async (api, _settings, [word = '']) => {
        const { id } = await find(api, PROVIDER, word);
        const found = await api.post('/providers/{id}/test', at({ id }));
        const lines = [
          `issuer          ${found.issuer}`,
          `sign-in page    ${found.authorizationEndpoint}`,
          `keys            ${found.keys}`,
          `signs out       ${found.canSignOut ? 'yes' : 'no'}`,
          '',
          'Open this as an administrator to sign in there and see the claims and what becomes of them:',
          `  ${found.tryUrl}`,
        ];
        return { text: lines.join('\n'), value: found };
      },
    }),
  });
}

function addressesOf(made: Listed<'/providers'>): Printed {
  const lines = [
    `Added ${made.name} (${made.id}). Register at the provider:`,
    `  redirect URI             ${made.redirectUri}`,
    `  back-channel logout URI  ${made.backChannelLogoutUri}`,
    `  after signing out        ${made.signedOutUri}`,
    `Then try it: manis provider test ${made.name}`,
  ];
  return { text: lines.join('\n'), value: made };
}
