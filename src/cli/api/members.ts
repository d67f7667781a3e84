/** `manis member`, `group`, `invite`, `key`: who belongs to an organisation, and what opens its API. */
import type { CommandDef } from 'citty';
import type { Listed } from '../../api/client.ts';
import { group } from '../command.ts';
import { UsageFailure } from '../config/usage-failure.ts';
import type { Environment } from '../environment.ts';
import { RESOURCE } from './applications.ts';
import { at, type ControlApi } from './control-api.ts';
import { apiCommand, commonCommands, find, given, type Noun } from './noun.ts';
import { USER } from './people.ts';
import { listed, shown } from './printed.ts';
import { listFlag, numberFlag, textFlag, truthFlag } from './words.ts';

const HOUR_MS = 3_600_000;

const MEMBER: Noun<'/users'> = {
  ...USER,
  name: 'member',
  columns: ['id', 'email', 'name', 'roles', 'groups', 'disabled'],
};
const GROUP: Noun<'/groups'> = {
  name: 'group',
  path: '/groups',
  columns: ['id', 'name', 'roles', 'memberIds', 'createdUnixMs'],
  names: ['name'],
};
const INVITATION: Noun<'/invitations'> = {
  name: 'invite',
  title: 'invitation',
  path: '/invitations',
  columns: ['id', 'email', 'roles', 'groups', 'expiresUnixMs', 'acceptedUnixMs'],
  names: ['email'],
  sorted: 'invitations',
};
const KEY: Noun<'/keys'> = {
  name: 'key',
  title: 'API key',
  path: '/keys',
  columns: ['id', 'name', 'start', 'userId', 'scopes', 'expiresUnixMs', 'lastUsedUnixMs'],
  names: ['name', 'start'],
};

export function memberCommands(environment: Environment): CommandDef {
  return group('member', 'Who belongs to the organisation', {
    ...commonCommands(environment, MEMBER),
    update: apiCommand(environment, {
      name: 'update',
      description: 'Change the roles of a member',
      positionals: ['member'],
      shape: { role: listFlag('ROLE', 'Roles; all that they have from now on') },
      run: async (api, { role: roles = [] }, [word = '']) => {
        const { id } = await find(api, MEMBER, word);
        return shown(await api.patch('/users/{id}', { ...at({ id }), body: { roles } }));
      },
    }),
    applications: apiCommand(environment, {
      name: 'applications',
      description: 'List the applications that a member may open',
      positionals: ['member'],
      run: async (api, _settings, [word = '']) => {
        const { id } = await find(api, MEMBER, word);
        const { items } = await api.get('/users/{id}/applications', at({ id }));
        return listed({ columns: ['id', 'name', 'host', 'url'] }, items);
      },
    }),
  });
}

type Membership = { readonly params: { readonly path: { readonly id: string; readonly userId: string } } };

const groupShape = { role: listFlag('ROLE', 'Roles that whoever is in it has; all from now on') };

export function groupCommands(environment: Environment): CommandDef {
  const change = (name: string, description: string, alter: (api: ControlApi, of: Membership) => Promise<unknown>) =>
    apiCommand(environment, {
      name,
      description,
      positionals: ['group', 'member'],
      run: async (api, _settings, [word = '', person = '']) => {
        const { id } = await find(api, GROUP, word);
        const { id: userId } = await find(api, MEMBER, person);
        await alter(api, at({ id, userId }));
        return shown(await api.get('/groups/{id}', at({ id })));
      },
    });
  return group('group', 'Groups of members, and the roles that come with them', {
    ...commonCommands(environment, GROUP),
    add: apiCommand(environment, {
      name: 'add',
      description: 'Add a group',
      positionals: ['name'],
      shape: groupShape,
      run: async (api, { role: roles }, [name = '']) =>
        shown(await api.post('/groups', { body: given({ name, roles }) })),
    }),
    update: apiCommand(environment, {
      name: 'update',
      description: 'Change the name or the roles of a group',
      positionals: ['group'],
      shape: { name: textFlag('NAME', 'Its new name'), ...groupShape },
      run: async (api, { name, role: roles }, [word = '']) => {
        const { id } = await find(api, GROUP, word);
        return shown(await api.patch('/groups/{id}', { ...at({ id }), body: given({ name, roles }) }));
      },
    }),
    put: change('put', 'Put a member into a group', (api, of) => api.put('/groups/{id}/members/{userId}', of)),
    take: change('take', 'Take a member out of a group', (api, of) => api.remove('/groups/{id}/members/{userId}', of)),
  });
}

export function inviteCommands(environment: Environment): CommandDef {
  const { list, remove } = commonCommands(environment, INVITATION);
  return group('invite', 'Invitations into the organisation', {
    ...(list && { list }),
    ...(remove && { remove }),
    add: apiCommand(environment, {
      name: 'add',
      description: 'Invite somebody; the link is shown this once',
      positionals: ['email'],
      shape: {
        role: listFlag('ROLE', 'Roles that come with it (default: member)'),
        group: listFlag('GROUP', 'Groups that come with it'),
        hours: numberFlag(1, 720, 'Hours after which the link is too old (default 96)'),
        mail: truthFlag('Whether the link is mailed, where mails leave'),
      },
      run: async (api, { role: roles, group: groups, hours, mail }, [email = '']) => {
        const body = given({ email, roles, groups, mail, lifetimeMs: hours && hours * HOUR_MS });
        const made = await api.post('/invitations', { body });
        return { text: made.url ?? `The link was mailed to ${email}.`, value: made };
      },
    }),
    accept: apiCommand(environment, {
      name: 'accept',
      description: 'Accept an invitation to your address, by its link',
      positionals: ['link'],
      run: async (api, _settings, [link = '']) => {
        const token = /mni_[\w-]+$/.exec(link)?.[0];
        if (token === undefined) throw new UsageFailure('setting-invalid', 'link: expected the link of an invitation');
        const joined = await api.post('/me/invitations', { body: { token } });
        const text = `You are a member of ${joined.name} now.`;
        const renew =
          joined.renewUrl &&
          `\nChoose a new password; what you signed in with until now has ended:\n${joined.renewUrl}`;
        return { text: text + (renew ?? ''), value: joined };
      },
    }),
  });
}

export function keyCommands(environment: Environment): CommandDef {
  return group('key', 'API keys, which may what their scopes say', {
    ...commonCommands(environment, KEY),
    add: apiCommand(environment, {
      name: 'add',
      description: 'Make an API key; it is shown this once',
      positionals: ['name'],
      shape: {
        scope: listFlag<Listed<'/roles'>['permissions'][number]>(
          'PERMISSION',
          'What it may do, such as site.read; see manis role show owner',
        ),
        personal: truthFlag('Whether it is yours, and never may more than you; else the organisation’s own'),
        resource: listFlag('RESOURCE', 'Resources that it is for (default: all)'),
        days: numberFlag(1, 3650, 'Days after which it ends (default: never)'),
      },
      run: async (api, { scope: scopes = [], personal, resource, days }, [name = '']) => {
        const resources = await Promise.all((resource ?? []).map((word) => find(api, RESOURCE, word)));
        const resourceIds = resource && resources.map(({ id }) => id);
        const lifetimeMs = days && days * 24 * HOUR_MS;
        const body = given({ name, scopes, personal, resourceIds, lifetimeMs });
        const made = await api.post('/keys', { body });
        return { text: made.key, value: made };
      },
    }),
  });
}
