/** `manis resource`: what is published. */
import type { CommandDef } from 'citty';
import { group } from '../command.ts';
import type { Environment } from '../environment.ts';
import { at, type ControlApi } from './control-api.ts';
import { siteIdOf } from './network.ts';
import { apiCommand, commonCommands, find, given, type Noun, shown } from './noun.ts';
import { readPolicyFile, scopeOf } from './policy-file.ts';
import { PROVIDER } from './providers.ts';
import { changedStreamBody, listenersText, newStreamBody, streamShape } from './stream-flags.ts';
import { fileFlag, listFlag, onFlag, shareFlag, textFlag, truthFlag, wordFlag } from './words.ts';

export const RESOURCE: Noun<'/resources'> = {
  name: 'resource',
  path: '/resources',
  columns: ['id', 'name', 'kind', 'host', 'listen', 'enabled', 'balancing', 'sticky', 'createdUnixMs'],
  names: ['name', 'host'],
  sorted: 'resources',
};
const policyFile = fileFlag('Policy, YAML or JSON');

const balanceShape = {
  balancing: wordFlag(['least-latency', 'round-robin'], 'How a target of a tier is chosen'),
  sticky: wordFlag(['none', 'cookie', 'client-address'], 'By what clients come back to their target'),
  provider: textFlag('PROVIDER', 'Identity provider that people are led to at once; none: they choose'),
  panicThreshold: shareFlag('Share of a tier that must be usable, else failures are not believed (0: they always are)'),
};

/** `more`: commands of parts of a resource. */
export function resourceCommands(environment: Environment, more: Readonly<Record<string, CommandDef>>): CommandDef {
  return group('resource', 'Applications as people reach them', {
    ...commonCommands(environment, RESOURCE),
    ...more,
    listeners: listenersCommand(environment),
    add: apiCommand(environment, {
      name: 'add',
      description: 'Publish an application; without a policy it lets nobody in',
      positionals: ['name'],
      shape: {
        host: textFlag('HOST', 'Host name under which people reach it'),
        site: textFlag('SITE', 'Site of its targets (default: the only one)'),
        target: listFlag(
          'URL',
          'As the connector reaches it: http://, https://, h2c://, h2:// or unix:/path; tcp:// or udp:// for --tcp, --access and --udp',
        ),
        policy: policyFile,
        ...streamShape,
        access: onFlag('Carry TCP to tcp:// targets for those who sign in with manis access tcp HOST'),
        ...balanceShape,
      },
      run: async (api, settings, [name = '']) => {
        const { host, site, target, policy, balancing, sticky, panicThreshold, provider } = settings;
        const siteId = target ? await siteIdOf(api, site) : '';
        const targets = target?.map((url) => ({ siteId, url }));
        const balance = { balancing, sticky, panicThreshold, providerId: await providerIdOf(api, provider) };
        const stream = newStreamBody(settings, host);
        const body = given({
          name,
          ...stream,
          targets,
          policy: policy && (await readPolicyFile(policy, scopeOf(stream))),
          ...balance,
        });
        return shown(await api.post('/resources', { body }));
      },
    }),
    update: updateCommand(environment),
  });
}

function updateCommand(environment: Environment): CommandDef {
  return apiCommand(environment, {
    name: 'update',
    description: 'Change an application',
    positionals: ['resource'],
    shape: {
      name: textFlag('NAME', 'Its new name'),
      host: textFlag('HOST', 'Its new host name'),
      enabled: truthFlag('Whether it is served'),
      policy: policyFile,
      ...streamShape,
      ...balanceShape,
    },
    run: async (api, settings, [word = '']) => {
      const { name, host, enabled, policy, balancing, sticky, panicThreshold, provider } = settings;
      const { id, kind } = await find(api, RESOURCE, word);
      const balance = { balancing, sticky, panicThreshold, providerId: await providerIdOf(api, provider) };
      const body = given({
        name,
        host: settings.tlsPassthrough ?? host,
        ...changedStreamBody(settings),
        enabled,
        policy: policy && (await readPolicyFile(policy, scopeOf({ kind }))),
        ...balance,
      });
      return shown(await api.patch('/resources/{id}', { ...at({ id }), body }));
    },
  });
}

function listenersCommand(environment: Environment): CommandDef {
  return apiCommand(environment, {
    name: 'listeners',
    description: 'How every PoP gets on with the ports of a resource that is no HTTP',
    positionals: ['resource'],
    run: async (api, _settings, [word = '']) => {
      const { id } = await find(api, RESOURCE, word);
      const { items } = await api.get('/resources/{id}/listeners', at({ id }));
      return { text: listenersText(items), value: items };
    },
  });
}

/** Undefined: nothing was said. Null: none. */
async function providerIdOf(api: ControlApi, word: string | undefined): Promise<string | null | undefined> {
  if (word === undefined) return undefined;
  return word === 'none' ? null : (await find(api, PROVIDER, word)).id;
}
