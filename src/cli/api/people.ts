/** `manis user`, `role`, `session`, `token`: who there is, and what they hold. */

import type { CommandDef } from 'citty';
import type { Listed } from '../../api/client.ts';
import { group } from '../command.ts';
import type { Environment } from '../environment.ts';
import { requireText } from '../programs/enrolment.ts';
import { at } from './control-api.ts';
import { userFactorCommands } from './factors.ts';
import { apiCommand, commonCommands, find, given, type Noun } from './noun.ts';
import { listed, shown } from './printed.ts';
import { PROVIDER } from './providers.ts';
import { untilRevoked } from './revocations.ts';
import { fileFlag, listFlag, textFlag, truthFlag } from './words.ts';

export const USER: Noun<'/users'> = {
  name: 'user',
  path: '/users',
  columns: ['id', 'email', 'name', 'roles', 'disabled', 'hasPassword'],
  names: ['email', 'name'],
  sorted: 'users',
};
const ROLE: Noun<'/roles'> = {
  name: 'role',
  path: '/roles',
  columns: ['id', 'name', 'builtIn', 'createdUnixMs', 'permissions'],
  names: ['name'],
};
const permissionFlag = listFlag<Listed<'/roles'>['permissions'][number]>(
  'PERMISSION',
  'What its holders may do by the API, such as site.read; all from now on',
);
const SESSION: Noun<'/sessions'> = {
  name: 'session',
  path: '/sessions',
  columns: ['id', 'userId', 'clientAddress', 'createdUnixMs', 'expiresUnixMs'],
  names: [],
};
const TOKEN: Noun<'/api-tokens'> = {
  name: 'token',
  path: '/api-tokens',
  columns: ['id', 'name', 'userId', 'expiresUnixMs', 'lastUsedUnixMs'],
  names: ['name'],
};

const userShape = {
  name: textFlag('NAME', 'Name for people'),
  role: listFlag('ROLE', 'Roles; all that they have from now on'),
  disabled: truthFlag('Whether they may not sign in'),
  passwordFile: fileFlag('File with their password'),
};

interface UserFlags {
  readonly name?: string | undefined;
  readonly role?: readonly string[] | undefined;
  readonly disabled?: boolean | undefined;
  readonly passwordFile?: string | undefined;
}

async function userBody({ name, role: roles, disabled, passwordFile }: UserFlags) {
  const password = passwordFile && (await requireText('password-file', passwordFile)).trim();
  return given({ name, roles, disabled, password });
}

export function userCommands(environment: Environment): CommandDef {
  return group('user', 'People', {
    ...commonCommands(environment, USER),
    ...userFactorCommands(environment),
    ...identityCommands(environment),
    add: apiCommand(environment, {
      name: 'add',
      description: 'Add a user',
      positionals: ['email'],
      shape: userShape,
      run: async (api, settings, [email = '']) => {
        const name = settings.name ?? email.split('@')[0] ?? email;
        return shown(await api.post('/users', { body: { email, ...(await userBody(settings)), name } }));
      },
    }),
    update: apiCommand(environment, {
      name: 'update',
      description: 'Change a user; a new password ends all their sessions',
      positionals: ['user'],
      shape: { email: textFlag('EMAIL', 'Their new address'), ...userShape },
      run: async (api, settings, [word = '']) => {
        const { id } = await find(api, USER, word);
        const body = { ...given({ email: settings.email }), ...(await userBody(settings)) };
        return shown(await api.patch('/users/{id}', { ...at({ id }), body }));
      },
    }),
  });
}

/** What identity providers call people. */
function identityCommands(environment: Environment): Record<string, CommandDef> {
  return {
    identities: apiCommand(environment, {
      name: 'identities',
      description: 'What identity providers call a user, and what they gave them',
      positionals: ['user'],
      run: async (api, _settings, [word = '']) => {
        const { id } = await find(api, USER, word);
        const { items } = await api.get('/users/{id}/identities', at({ id }));
        const rows = items.map(({ provided, ...rest }) => ({
          id: rest.providerId,
          ...rest,
          provided: provided.map(({ kind, name }) => (name === '' ? kind : `${kind} ${name}`)),
        }));
        return {
          ...listed({ columns: ['providerId', 'subject', 'email', 'provided', 'seenUnixMs'] }, rows),
          value: items,
        };
      },
    }),
    disconnect: apiCommand(environment, {
      name: 'disconnect',
      description: 'Disconnect a user from an identity provider; what came of it ends',
      positionals: ['user', 'provider'],
      run: async (api, _settings, [word = '', provider = '']) => {
        const [user, from] = [await find(api, USER, word), await find(api, PROVIDER, provider)];
        await api.remove('/users/{id}/identities/{providerId}', at({ id: user.id, providerId: from.id }));
        return untilRevoked(api);
      },
    }),
  };
}

export function roleCommands(environment: Environment): CommandDef {
  return group('role', 'Names that policies speak of, and what their holders may do', {
    ...commonCommands(environment, ROLE),
    add: apiCommand(environment, {
      name: 'add',
      description: 'Add a role',
      positionals: ['name'],
      shape: { permission: permissionFlag },
      run: async (api, { permission: permissions }, [name = '']) =>
        shown(await api.post('/roles', { body: given({ name, permissions }) })),
    }),
    update: apiCommand(environment, {
      name: 'update',
      description: 'Change what a role allows',
      positionals: ['role'],
      shape: { permission: permissionFlag },
      run: async (api, { permission: permissions = [] }, [word = '']) => {
        const { id } = await find(api, ROLE, word);
        return shown(await api.patch('/roles/{id}', { ...at({ id }), body: { permissions } }));
      },
    }),
  });
}

export function sessionCommands(environment: Environment): CommandDef {
  const { show } = commonCommands(environment, SESSION);
  return group('session', 'Who is signed in', {
    show,
    revoke: apiCommand(environment, {
      name: 'revoke',
      description: 'End a session on every PoP, open streams too',
      positionals: ['session'],
      run: async (api, _settings, [word = '']) => {
        const { id } = await find(api, SESSION, word);
        await api.remove('/sessions/{id}', at({ id }));
        return untilRevoked(api);
      },
    }),
    'revoke-user': apiCommand(environment, {
      name: 'revoke-user',
      description: 'End all sessions of a user on every PoP, open streams too',
      positionals: ['user'],
      run: async (api, _settings, [word = '']) => {
        const { id } = await find(api, USER, word);
        await api.remove('/users/{id}/sessions', at({ id }));
        return untilRevoked(api);
      },
    }),
    visitors: apiCommand(environment, {
      name: 'visitors',
      description: 'List guests and holders of credentials who were let in within a day',
      run: async (api) => {
        const { items } = await api.get('/sessions/visitors');
        return listed({ columns: ['actor', 'resourceId', 'firstUnixMs', 'lastUnixMs'] }, items);
      },
    }),
    list: apiCommand(environment, {
      name: 'list',
      description: 'List sessions that live',
      shape: { user: textFlag('USER', 'Of this user alone') },
      run: async (api, { user }) => {
        const userId = user && (await find(api, USER, user)).id;
        const sessions = await api.list('/sessions');
        return listed(
          SESSION,
          sessions.filter((session) => !userId || session['userId'] === userId),
        );
      },
    }),
  });
}

export function tokenCommands(environment: Environment): CommandDef {
  return group('token', 'API tokens', {
    ...commonCommands(environment, TOKEN),
    add: apiCommand(environment, {
      name: 'add',
      description: 'Make an API token; it is shown this once',
      positionals: ['name'],
      shape: { user: textFlag('USER', 'Whose rights it has (default: yours)') },
      run: async (api, { user }, [name = '']) => {
        const userId = user && (await find(api, USER, user)).id;
        const made = await api.post('/api-tokens', { body: given({ name, userId }) });
        return { text: made.token, value: made };
      },
    }),
  });
}
