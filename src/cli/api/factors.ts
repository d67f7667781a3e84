/** `manis mfa`, `known-device`, and factors of users: who needs a second factor, and what people have. */

import type { CommandDef } from 'citty';
import { group } from '../command.ts';
import type { Environment } from '../environment.ts';
import { at } from './control-api.ts';
import { apiCommand, commonCommands, find, given, type Noun } from './noun.ts';
import { listed, shown } from './printed.ts';
import { untilRevoked } from './revocations.ts';
import { lifetimeFlag, listFlag, truthFlag } from './words.ts';

const USER: Noun<'/users'> = { name: 'user', path: '/users', columns: ['id', 'email'], names: ['email', 'name'] };
const DEVICE: Noun<'/known-devices'> = {
  name: 'known-device',
  title: 'known device',
  path: '/known-devices',
  columns: ['id', 'name', 'userId', 'approved', 'lastUsedUnixMs'],
  names: ['name'],
};
const NONE = 'none';
const AS_IT_IS = 'never';

/** Beside the other commands of `manis user`. */
export function userFactorCommands(environment: Environment): Record<string, CommandDef> {
  return {
    factors: apiCommand(environment, {
      name: 'factors',
      description: 'Show what a user proves themselves with besides a password',
      positionals: ['user'],
      run: async (api, _settings, [word = '']) => {
        const { id } = await find(api, USER, word);
        return shown(await api.get('/users/{id}/factors', at({ id })));
      },
    }),
    'reset-mfa': apiCommand(environment, {
      name: 'reset-mfa',
      description: 'Take all factors from a user who lost them, and end their sessions',
      positionals: ['user'],
      run: async (api, _settings, [word = '']) => {
        const { id } = await find(api, USER, word);
        await api.remove('/users/{id}/factors', at({ id }));
        return untilRevoked(api);
      },
    }),
  };
}

export function mfaCommands(environment: Environment): CommandDef {
  return group('mfa', 'Who needs a second factor', {
    show: apiCommand(environment, {
      name: 'show',
      description: 'Show who needs a second factor',
      run: async (api) => shown(await api.get('/organisation/mfa')),
    }),
    update: apiCommand(environment, {
      name: 'update',
      description: 'Say who needs a second factor',
      shape: {
        required: truthFlag('Whether everybody needs one'),
        role: listFlag('ROLE', `Roles whose holders need one; ${NONE} for no role`),
        grace: lifetimeFlag('How long people may do without, once they need one', AS_IT_IS),
        remember: lifetimeFlag('How long a browser may leave the second step out', AS_IT_IS),
        noRemember: truthFlag('Whether no browser is remembered'),
        rememberedCounts: truthFlag('Whether a remembered browser satisfies rules that ask for a factor'),
        emailCodes: truthFlag('Whether a code by mail is a second factor for people without one of their own'),
      },
      run: async (api, { required, role, grace, remember, noRemember, rememberedCounts, emailCodes }) => {
        const body = given({
          required,
          requiredRoles: role?.filter((name) => name !== NONE),
          graceMs: grace === AS_IT_IS ? undefined : grace,
          rememberMs: noRemember ? 0 : remember === AS_IT_IS ? undefined : remember,
          rememberedCounts,
          emailCodes,
        });
        return shown(await api.patch('/organisation/mfa', { body }));
      },
    }),
  });
}

export function knownDeviceCommands(environment: Environment): CommandDef {
  const approve = (name: string, description: string, approved: boolean) =>
    apiCommand(environment, {
      name,
      description,
      positionals: ['known-device'],
      run: async (api, _settings, [word = '']) => {
        const { id } = await find(api, DEVICE, word);
        return listed(DEVICE, [await api.patch('/known-devices/{id}', { ...at({ id }), body: { approved } })]);
      },
    });
  return group('known-device', 'Devices whose browsers have a key', {
    ...commonCommands(environment, DEVICE),
    approve: approve('approve', 'Approve a known device', true),
    disapprove: approve('disapprove', 'Take the approval of a known device back', false),
  });
}
