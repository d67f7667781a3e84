/** `manis me`: what one's own account opens, and what acts as it. */

import type { CommandDef } from 'citty';
import { group } from '../command.ts';
import type { Environment } from '../environment.ts';
import { at } from './control-api.ts';
import { apiCommand } from './noun.ts';
import { listed } from './printed.ts';

export function meCommands(environment: Environment): CommandDef {
  return group('me', 'What your account opens, and what acts as it', {
    applications: apiCommand(environment, {
      name: 'applications',
      description: 'List the applications that you may open',
      run: async (api) => {
        const { items } = await api.get('/me/applications');
        return listed({ columns: ['name', 'url'] }, items);
      },
    }),
    tokens: apiCommand(environment, {
      name: 'tokens',
      description: 'List programs and tokens that act as you',
      run: async (api) => {
        const { items } = await api.get('/me/tokens');
        return listed({ columns: ['id', 'name', 'isThis', 'lastUsedUnixMs', 'expiresUnixMs'] }, items);
      },
    }),
    'end-token': apiCommand(environment, {
      name: 'end-token',
      description: 'End one of them: the program is signed out at once',
      positionals: ['id'],
      run: async (api, _settings, [id = '']) => {
        await api.remove('/me/tokens/{id}', at({ id }));
        return { text: `Ended ${id}.`, value: { removed: id } };
      },
    }),
  });
}
