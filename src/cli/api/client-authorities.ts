/** `manis client-authority`: who vouches for certificates of clients; `manis guest`: people without an account. */
import type { CommandDef } from 'citty';
import { group } from '../command.ts';
import type { Environment } from '../environment.ts';
import { requireText } from '../programs/enrolment.ts';
import { RESOURCE } from './applications.ts';
import { at, type ControlApi } from './control-api.ts';
import { apiCommand, commonCommands, find, given, type Noun } from './noun.ts';
import { shown } from './printed.ts';
import { untilRevoked } from './revocations.ts';
import { fileFlag, listFlag, textFlag } from './words.ts';

const AUTHORITY: Noun<'/client-authorities'> = {
  name: 'client-authority',
  title: 'client authority',
  path: '/client-authorities',
  columns: ['id', 'name', 'resourceIds', 'revoked', 'revocationsUntilUnixMs'],
  names: ['name'],
};

const shape = {
  certificateFile: fileFlag("The authority's certificate (PEM)"),
  fingerprint: listFlag('SHA256', 'Certificates to take as they are; all of them from now on'),
  crlFile: fileFlag('List of what the authority revoked (PEM), signed by it'),
  resource: listFlag('RESOURCE', 'Resources whose clients are asked; all of them from now on'),
};

interface Flags {
  readonly certificateFile?: string | undefined;
  readonly fingerprint?: readonly string[] | undefined;
  readonly crlFile?: string | undefined;
  readonly resource?: readonly string[] | undefined;
}

async function bodyOf(api: ControlApi, { certificateFile, fingerprint, crlFile, resource }: Flags) {
  const resourceIds =
    resource && (await Promise.all(resource.map(async (word) => (await find(api, RESOURCE, word)).id)));
  const certificatePem = certificateFile && (await requireText('certificate-file', certificateFile));
  const crlPem = crlFile && (await requireText('crl-file', crlFile));
  return given({ resourceIds, certificatePem, crlPem, fingerprints: fingerprint });
}

export function clientAuthorityCommands(environment: Environment): CommandDef {
  return group('client-authority', 'Who vouches for certificates of clients', {
    ...commonCommands(environment, AUTHORITY),
    add: apiCommand(environment, {
      name: 'add',
      description: 'Trust an authority, or single certificates, for clients of some resources',
      positionals: ['name'],
      shape,
      run: async (api, flags, [name = '']) =>
        shown(await api.post('/client-authorities', { body: { name, ...(await bodyOf(api, flags)) } })),
    }),
    update: apiCommand(environment, {
      name: 'update',
      description: 'Change whom or what an authority vouches for; it counts at once',
      positionals: ['client-authority'],
      shape: { name: textFlag('NAME', 'Its new name'), ...shape },
      run: async (api, flags, [word = '']) => {
        const { id } = await find(api, AUTHORITY, word);
        const body = { ...given({ name: flags.name }), ...(await bodyOf(api, flags)) };
        return shown(await api.patch('/client-authorities/{id}', { ...at({ id }), body }));
      },
    }),
  });
}

export function guestCommands(environment: Environment): CommandDef {
  return group('guest', 'People without an account, by their addresses', {
    revoke: apiCommand(environment, {
      name: 'revoke',
      description: 'End every session that was begun with a code mailed to an address',
      positionals: ['email'],
      run: async (api, _settings, [email = '']) => {
        await api.post('/guests/revoke', { body: { email } });
        return untilRevoked(api);
      },
    }),
  });
}
