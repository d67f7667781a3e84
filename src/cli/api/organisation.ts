/** `manis organisation`: one's own, and for the installation's administrators all there are. */

import type { CommandDef } from 'citty';
import { group } from '../command.ts';
import { UsageFailure } from '../config/usage-failure.ts';
import type { Environment } from '../environment.ts';
import { at, type ControlApi } from './control-api.ts';
import { apiCommand, find, given, type Noun, sortedBy, sortFlag } from './noun.ts';
import { USER } from './people.ts';
import { listed, shown } from './printed.ts';
import { listFlag, numberFlag, textFlag } from './words.ts';

const NONE = 'none';
const MINUTE_MS = 60_000;

const ORGANISATION: Noun<'/organisations'> = {
  name: 'organisation',
  path: '/organisations',
  columns: ['id', 'name', 'domains', 'createdUnixMs'],
  names: ['name'],
};

const domains = listFlag('DOMAIN', 'Names below which no other organisation has hosts; all that it has from now on');

/** `more`: commands of parts of an organisation. */
export function organisationCommands(environment: Environment, more: Readonly<Record<string, CommandDef>>): CommandDef {
  return group('organisation', 'Organisations that share the installation', {
    show: apiCommand(environment, {
      name: 'show',
      description: 'Show your organisation',
      run: async (api) => shown(await api.get('/organisation')),
    }),
    update: apiCommand(environment, {
      name: 'update',
      description: 'Change your organisation',
      shape: {
        name: textFlag('NAME', 'Its name, as people see it'),
        dnsZone: textFlag('ZONE', `Zone that is delegated to the PoPs, such as apps.example.com; ${NONE} for none`),
        certificateIssuers: listFlag('DOMAIN', `Authorities that may issue certificates, by domain; ${NONE} for any`),
        sessionIdleMinutes: numberFlag(1, 129_600, 'Minutes without a request after which a session ends'),
        sessionMinutes: numberFlag(1, 129_600, 'Minutes after which a session ends whatever happens'),
      },
      run: async (api, { name, dnsZone, certificateIssuers, sessionIdleMinutes, sessionMinutes }) => {
        const body = given({
          name,
          dnsZone: dnsZone === NONE ? null : dnsZone,
          certificateIssuers: certificateIssuers?.filter((issuer) => issuer !== NONE),
          sessionIdleMs: sessionIdleMinutes && sessionIdleMinutes * MINUTE_MS,
          sessionAbsoluteMs: sessionMinutes && sessionMinutes * MINUTE_MS,
        });
        return shown(await api.patch('/organisation', { body }));
      },
    }),
    usage: apiCommand(environment, {
      name: 'usage',
      description: 'Show how much of its quotas an organisation uses (another: administrators of the installation)',
      shape: { of: textFlag('ORGANISATION', 'By id or name (default: yours)') },
      run: async (api, { of: word }) => {
        const { quotas } = word
          ? await api.get('/organisations/{id}/usage', at({ id: (await find(api, ORGANISATION, word)).id }))
          : await api.get('/organisation/usage');
        return listed({ columns: ['noun', 'used', 'most'] }, quotas);
      },
    }),
    ...more,
    ...tenantCommands(environment),
  });
}

function tenantCommands(environment: Environment): Record<string, CommandDef> {
  return {
    list: apiCommand(environment, {
      name: 'list',
      description: 'List every organisation (administrators of the installation)',
      shape: { sort: sortFlag(ORGANISATION) },
      run: async (api, { sort }) => listed(ORGANISATION, await api.list('/organisations', sortedBy(sort))),
    }),
    add: apiCommand(environment, {
      name: 'add',
      description: 'Add an organisation (administrators of the installation)',
      positionals: ['name'],
      shape: { owner: textFlag('EMAIL', 'Account of its owner (default: yours)'), domains },
      run: async (api, { owner, domains: names }, [name = '']) =>
        shown(await api.post('/organisations', { body: given({ name, ownerEmail: owner, domains: names }) })),
    }),
    change: apiCommand(environment, {
      name: 'change',
      description: 'Change an organisation (administrators of the installation)',
      positionals: ['organisation'],
      shape: {
        name: textFlag('NAME', 'Its new name'),
        domains,
        quota: listFlag('NOUN=N', 'How many it may have, such as resources=5000; NOUN=default for what holds for all'),
      },
      run: async (api, { name, domains: names, quota }, [word = '']) => {
        const { id } = await find(api, ORGANISATION, word);
        const body = given({ name, domains: names, quotas: quota && quotasIn(quota) });
        return shown(await api.patch('/organisations/{id}', { ...at({ id }), body }));
      },
    }),
    remove: apiCommand(environment, {
      name: 'remove',
      description: 'Remove an organisation that has nothing left (administrators of the installation)',
      positionals: ['organisation'],
      run: async (api, _settings, [word = '']) => {
        const { id } = await find(api, ORGANISATION, word);
        await api.remove('/organisations/{id}', at({ id }));
        return { text: `Removed the organisation ${word}.`, value: { removed: id } };
      },
    }),
    ...administratorCommands(environment),
    administrators: apiCommand(environment, {
      name: 'administrators',
      description: 'List the administrators of the installation',
      run: async (api) => {
        const { items } = await api.get('/installation/administrators');
        return listed({ columns: ['id', 'email', 'name', 'disabled'] }, items);
      },
    }),
  };
}

function administratorCommands(environment: Environment): Record<string, CommandDef> {
  return {
    'add-administrator': apiCommand(environment, {
      name: 'add-administrator',
      description: 'Make an account an administrator of the installation',
      positionals: ['user'],
      run: async (api, _settings, [word = '']) => {
        const id = await accountId(api, word);
        await api.put('/installation/administrators/{id}', at({ id }));
        return { text: `${word} administers the installation now.`, value: { id } };
      },
    }),
    'add-owner': apiCommand(environment, {
      name: 'add-owner',
      description: 'Give an organisation another owner (administrators of the installation)',
      positionals: ['organisation', 'user'],
      run: async (api, _settings, [word = '', person = '']) => {
        const { id } = await find(api, ORGANISATION, word);
        const userId = await accountId(api, person);
        await api.put('/organisations/{id}/owners/{userId}', at({ id, userId }));
        return { text: `${person} owns ${word} now.`, value: { id, userId } };
      },
    }),
    'remove-administrator': apiCommand(environment, {
      name: 'remove-administrator',
      description: 'Take the administration of the installation from an account',
      positionals: ['user'],
      run: async (api, _settings, [word = '']) => {
        const id = await accountId(api, word);
        await api.remove('/installation/administrators/{id}', at({ id }));
        return { text: `${word} no longer administers the installation.`, value: { removed: id } };
      },
    }),
  };
}

/** Of a member, by id or address; an account of another organisation goes by its id alone. */
async function accountId(api: ControlApi, word: string): Promise<string> {
  return /^usr_[0-9a-z]+$/.test(word) ? word : (await find(api, USER, word)).id;
}

/** `resources=5000` and the like. */
function quotasIn(texts: readonly string[]): Readonly<Record<string, number | null>> {
  return Object.fromEntries(
    texts.map((text) => {
      const [, noun = '', most = ''] = /^([A-Za-z]+)=(\d+|default)$/.exec(text) ?? [];
      if (noun === '')
        throw new UsageFailure(
          'setting-invalid',
          `quota: expected such as resources=5000, found ${JSON.stringify(text)}`,
        );
      return [noun, most === 'default' ? null : Number(most)];
    }),
  );
}
