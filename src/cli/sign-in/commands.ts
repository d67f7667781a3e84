/** `manis login`, `logout`, `whoami` and `profile`: who this program is. */
import type { CommandDef } from 'citty';
import { ApiFailure, at } from '../api/control-api.ts';
import { apiCommand } from '../api/noun.ts';
import { shown } from '../api/printed.ts';
import { group, leaf } from '../command.ts';
import { UsageFailure } from '../config/usage-failure.ts';
import { settingsOf } from '../config/value.ts';
import type { Environment } from '../environment.ts';
import { say, sayJson } from '../terminal/output.ts';
import { styleFor } from '../terminal/style.ts';
import { formatTable } from '../terminal/table.ts';
import { Profiles } from './profiles.ts';
import { loginSettings } from './settings.ts';

const { json } = loginSettings.shape;

export function signInCommands(environment: Environment): Record<string, CommandDef> {
  const style = styleFor(process.stderr, environment);
  return {
    login: leaf(environment, {
      name: 'login',
      description: 'Sign in with your browser, by a code that you type there',
      settings: loginSettings,
      rest: 'url',
      run: async (settings, words) => {
        if (words.length > 1) throw new UsageFailure('flag-unknown', `"${words[1]}" is one word too many`);
        await (await import('./login.ts')).runLogin(settings, words, style);
      },
    }),
    logout: logoutCommand(environment),
    whoami: whoamiCommand(environment),
    profile: profileCommands(environment),
  };
}

function logoutCommand(environment: Environment): CommandDef {
  return apiCommand(environment, {
    name: 'logout',
    description: 'End this sign-in, and remove it from this computer',
    run: async (api, { profile }) => {
      const profiles = new Profiles();
      const known = await profiles.find(profile);
      if (!known || api.profile === undefined)
        throw new UsageFailure('setting-invalid', 'nobody is signed in here; "manis profile list" shows where you are');
      // What has ended already need not be ended.
      await api.remove('/me/tokens/{id}', at({ id: 'this' })).catch((error: unknown) => {
        if (!(error instanceof ApiFailure && error.status === 401)) throw error;
      });
      await profiles.remove(known.name);
      return { text: `Signed out of ${known.url}.`, value: { profile: known.name, url: known.url } };
    },
    prefersProfile: true,
  });
}

function whoamiCommand(environment: Environment): CommandDef {
  return apiCommand(environment, {
    name: 'whoami',
    description: 'Who you are, where, and what you may do',
    run: async (api) => {
      const me = await api.get('/me');
      const organisation = me.memberships.find(({ organisationId }) => organisationId === me.organisationId)?.name;
      const place = { url: api.origin, profile: api.profile ?? null };
      const { id, permissions, email, name, roles, isInstallationAdmin } = me;
      const text = shown({
        id,
        ...{ email, name, organisation, roles, permissions, isInstallationAdmin },
        ...place,
      }).text;
      return { text, value: { ...me, ...place } };
    },
  });
}

function profileCommands(environment: Environment): CommandDef {
  return group('profile', 'Where you are signed in', {
    list: leaf(environment, {
      name: 'list',
      description: 'List where you are signed in',
      settings: settingsOf({ json }),
      run: async (settings) => {
        const { current, profiles } = await new Profiles().all();
        const items = Object.entries(profiles).map(([name, { url }]) => ({ name, url, current: name === current }));
        const rows = items.map((item) => [item.name, item.url, item.current ? 'yes' : 'no']);
        if (settings.json) sayJson(items, 2);
        else say(formatTable(['name', 'url', 'current'], rows));
      },
    }),
    use: leaf(environment, {
      name: 'use',
      description: 'Use another one from now on',
      settings: settingsOf({ json }),
      positionals: ['profile'],
      run: async (settings, [name = '']) => {
        await new Profiles().use(name);
        if (settings.json) sayJson({ current: name }, 2);
        else say(`Commands use ${name} from now on.`);
      },
    }),
  });
}
