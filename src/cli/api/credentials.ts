/** `manis share`, `manis credential`: what opens resources to people and machines without an account. */

import type { CommandDef } from 'citty';
import type { AnswerOf } from '../../api/client.ts';
import { group } from '../command.ts';
import type { Environment } from '../environment.ts';
import { requireText } from '../programs/enrolment.ts';
import { RESOURCE } from './applications.ts';
import { at } from './control-api.ts';
import { withNames } from './names.ts';
import { apiCommand, commonCommands, find, given, type Noun } from './noun.ts';
import { listed, type Printed, shown } from './printed.ts';
import { untilRevoked } from './revocations.ts';
import { fileFlag, lifetimeFlag, listFlag, numberFlag, requiredWordFlag, textFlag } from './words.ts';

const CREDENTIAL: Noun<'/credentials'> = {
  name: 'credential',
  path: '/credentials',
  columns: ['id', 'name', 'method', 'resourceIds', 'state', 'expiresUnixMs', 'uses', 'lastUsedUnixMs'],
  names: ['name'],
  sorted: 'credentials',
};
const SHARE: Noun<'/credentials'> = {
  name: 'share',
  title: 'share link',
  path: '/credentials',
  columns: [
    'id',
    'name',
    'resourceIds',
    'state',
    'expiresUnixMs',
    'uses',
    'maximumUses',
    'pathPrefix',
    'lastUsedUnixMs',
  ],
  names: ['name'],
  sorted: 'credentials',
};

type Made = AnswerOf<'post', '/credentials'>;

const MADE_METHODS = ['pin', 'resource-password', 'service-token', 'header'] as const;
const USES_MAX = 1_000_000;

export function shareCommands(environment: Environment): CommandDef {
  return group('share', 'Links that open a resource to whoever has them', {
    list: apiCommand(environment, {
      name: 'list',
      description: 'List share links, how often they were used and when last',
      shape: { resource: textFlag('RESOURCE', 'Of this resource alone') },
      run: async (api, { resource }) => {
        const links = await api.list('/credentials');
        const id = resource && (await find(api, RESOURCE, resource)).id;
        return listed(
          SHARE,
          links.filter(({ method, resourceIds }) => method === 'share-link' && (!id || resourceIds.includes(id))),
        );
      },
    }),
    add: apiCommand(environment, {
      name: 'add',
      description: 'Make a share link; it is shown this once',
      positionals: ['resource'],
      shape: {
        expires: lifetimeFlag('When it ends: 30m, 12h, 3d, 2w or never (default: 7d)', '7d'),
        uses: numberFlag(1, USES_MAX, 'How often it may be opened (default: as often as people like)'),
        path: textFlag('PATH', 'The part of the resource that it opens, such as /docs (default: all of it)'),
        name: textFlag('NAME', 'Whom or what it is for'),
      },
      run: async (api, { expires, uses, path, name }, [word = '']) => {
        const resource = await find(api, RESOURCE, word);
        const made = await api.post('/credentials', {
          body: {
            name: name ?? `Link to ${String(resource.name)}`.slice(0, 128),
            method: 'share-link',
            resourceIds: [resource.id],
            ...given({ maximumUses: uses, pathPrefix: path, lifetimeMs: lifetimeOf(expires) }),
          },
        });
        return madePrinted(made, made.urls[0] ?? made.secret, 'share-link');
      },
    }),
    rotate: rotateCommand(environment, SHARE),
    remove: removeCommand(environment, SHARE),
  });
}

export function credentialCommands(environment: Environment): CommandDef {
  const { list, show } = commonCommands(environment, CREDENTIAL);
  return group('credential', 'PINs, passwords, service tokens, header credentials', {
    ...(list && { list }),
    ...(show && { show }),
    add: apiCommand(environment, {
      name: 'add',
      description: 'Make a credential; its secret is shown this once',
      positionals: ['name'],
      shape: {
        method: requiredWordFlag(MADE_METHODS, 'What kind'),
        resource: listFlag('RESOURCE', 'What it opens; several are possible'),
        username: textFlag('NAME', 'Of header: what comes before the colon of HTTP Basic'),
        secretFile: fileFlag('File with the PIN or password (default: one is made)'),
        expires: lifetimeFlag('When it ends: 30m, 12h, 3d, 2w or never (default: never)', 'never'),
      },
      run: async (api, { method, resource, username, secretFile, expires }, [name = '']) => {
        const resourceIds = await Promise.all(
          (resource ?? []).map(async (word) => (await find(api, RESOURCE, word)).id),
        );
        const secret = await secretOf(secretFile);
        const body = { name, method, resourceIds, ...given({ username, secret, lifetimeMs: lifetimeOf(expires) }) };
        const made = await api.post('/credentials', { body });
        return madePrinted(made, made.secret, method);
      },
    }),
    update: updateCommand(environment),
    rotate: rotateCommand(environment, CREDENTIAL),
    remove: removeCommand(environment, CREDENTIAL),
  });
}

function updateCommand(environment: Environment): CommandDef {
  return apiCommand(environment, {
    name: 'update',
    description: 'Change what a credential or share link is called, and what it opens',
    positionals: ['credential'],
    shape: { name: textFlag('NAME', 'Its new name'), resource: listFlag('RESOURCE', 'What it opens; all from now on') },
    run: async (api, { name, resource }, [word = '']) => {
      const { id } = await find(api, CREDENTIAL, word);
      const resourceIds =
        resource && (await Promise.all(resource.map(async (one) => (await find(api, RESOURCE, one)).id)));
      return shown(await api.patch('/credentials/{id}', { ...at({ id }), body: given({ name, resourceIds }) }));
    },
  });
}

function rotateCommand(environment: Environment, noun: Noun<'/credentials'>): CommandDef {
  return apiCommand(environment, {
    name: 'rotate',
    description: 'Make a new secret; the old one and the sessions that it began end at once',
    positionals: [noun.name],
    shape: { secretFile: fileFlag('File with the new PIN or password (default: one is made)') },
    run: async (api, { secretFile }, [word = '']) => {
      const { id, method } = await find(api, noun, word);
      const made = await api.post('/credentials/{id}/rotate', {
        ...at({ id }),
        body: given({ secret: await secretOf(secretFile) }),
      });
      await untilRevoked(api);
      return madePrinted(made, made.urls[0] ?? made.secret, method);
    },
  });
}

function removeCommand(environment: Environment, noun: Noun<'/credentials'>): CommandDef {
  return apiCommand(environment, {
    name: 'remove',
    description: 'End it on every PoP, with the sessions and streams that it opened',
    positionals: [noun.name],
    run: async (api, _settings, [word = '']) => {
      const { id } = await find(api, noun, word);
      await api.remove('/credentials/{id}', at({ id }));
      return untilRevoked(api);
    },
  });
}

/** Left out where it never ends. */
function lifetimeOf(expires: number | 'never'): number | undefined {
  return expires === 'never' ? undefined : expires;
}

async function secretOf(file: string | undefined): Promise<string | undefined> {
  return file && (await requireText('secret-file', file)).trim();
}

/** The secret alone, so that it can be passed on; what is in the way follows. */
function madePrinted(made: Made, secret: string, method: string): Printed {
  const lines = made.notAdmittedBy.map(
    (id) =>
      `\nThe policy of ${id} admits no ${method} yet, so this opens nothing there.\nTo change that:\n  manis policy admit ${id} ${method}`,
  );
  const text = [secret, ...lines].join('\n');
  return { text: ({ nameOf }) => withNames(text, nameOf), value: made };
}
