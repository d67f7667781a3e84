/** `manis try`: published for a while; and what is published so. */

import type { CommandDef } from 'citty';
import type { Listed } from '../../api/client.ts';
import { at } from '../api/control-api.ts';
import { apiCommand, find, type Noun } from '../api/noun.ts';
import { listed, shown } from '../api/printed.ts';
import { textFlag } from '../api/words.ts';
import { leaf } from '../command.ts';
import { UsageFailure } from '../config/usage-failure.ts';
import type { Environment } from '../environment.ts';
import { styleFor } from '../terminal/style.ts';
import { trySettings } from './settings.ts';

const QUICK_TUNNEL: Noun<'/quick-tunnels'> = {
  name: 'try',
  title: 'quick tunnel',
  path: '/quick-tunnels',
  columns: ['id', 'name', 'createdBy', 'expiresUnixMs'],
  names: ['name'],
};
const COLUMNS = ['id', 'name', 'url', 'createdBy', 'expiresUnixMs'] as const;

export function tryCommand(environment: Environment): CommandDef {
  const style = styleFor(process.stdout, environment);
  const run = leaf(environment, {
    name: 'try',
    description: 'Publish a port or a folder for a while, behind a PIN',
    settings: trySettings,
    rest: 'port|folder',
    run: async (settings, words) => {
      if (words.length === 0) throw new UsageFailure('flag-unknown', 'name a port such as 3000, or a folder');
      await (await import('./try.ts')).runTry(settings, words, style);
    },
  });
  return { ...run, subCommands: quickTunnelCommands(environment) };
}

function quickTunnelCommands(environment: Environment): Record<string, CommandDef> {
  return {
    list: apiCommand(environment, {
      name: 'list',
      description: 'List what is published for a while, by anybody of the organisation',
      run: async (api) =>
        listed({ ...QUICK_TUNNEL, columns: COLUMNS }, (await api.list('/quick-tunnels')).map(withUrls)),
    }),
    show: apiCommand(environment, {
      name: 'show',
      description: 'Show a quick tunnel',
      positionals: ['try'],
      run: async (api, _settings, [word = '']) => {
        const { id } = await find(api, QUICK_TUNNEL, word);
        return shown(withUrls(await api.get('/quick-tunnels/{id}', at({ id }))));
      },
    }),
    keep: apiCommand(environment, {
      name: 'keep',
      description: 'Keep it: from now on it is an ordinary site and resource',
      positionals: ['try'],
      shape: { name: textFlag('NAME', 'Name of the resource') },
      run: async (api, { name }, [word = '']) => {
        const { id } = await find(api, QUICK_TUNNEL, word);
        const value = await api.post('/quick-tunnels/{id}/keep', {
          ...at({ id }),
          body: name === undefined ? {} : { name },
        });
        const how = 'the program that runs it says how its connector goes on without it';
        return { text: `Kept ${withUrls(value).url}; ${how}.`, value };
      },
    }),
    end: apiCommand(environment, {
      name: 'end',
      description: 'End it, with everything that it published',
      positionals: ['try'],
      run: async (api, _settings, [word = '']) => {
        const { id } = await find(api, QUICK_TUNNEL, word);
        await api.remove('/quick-tunnels/{id}', at({ id }));
        return { text: `Ended ${id}.`, value: { removed: id } };
      },
    }),
  };
}

function withUrls<Item extends Pick<Listed<'/quick-tunnels'>, 'applications'>>(item: Item) {
  return { ...item, url: item.applications.map(({ url }) => url) };
}
