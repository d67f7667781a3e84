/** `manis resource`: what is published. */
import type { CommandDef } from 'citty';
import type { AnswerOf, Listed } from '../../api/client.ts';
import { group } from '../command.ts';
import type { Environment } from '../environment.ts';
import { at, type ControlApi } from './control-api.ts';
import { siteIdOf } from './network.ts';
import { apiCommand, commonCommands, find, given, type Noun, sortedBy, sortFlag } from './noun.ts';
import { readPolicyFile, scopeOf } from './policy-file.ts';
import { listed, type Printed, shown, textFor } from './printed.ts';
import { PROVIDER } from './providers.ts';
import { changedStreamBody, listenersText, newStreamBody, streamShape } from './stream-flags.ts';
import { fileFlag, listFlag, onFlag, shareFlag, textFlag, truthFlag, wordFlag } from './words.ts';

export const RESOURCE: Noun<'/resources'> = {
  name: 'resource',
  path: '/resources',
  columns: ['id', 'name', 'url', 'kind', 'host', 'listen', 'enabled', 'createdUnixMs'],
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
    list: listCommand(environment),
    show: apiCommand(environment, {
      name: 'show',
      description: 'Show an application',
      positionals: ['resource'],
      run: async (api, _settings, [word = '']) => placed(await find(api, RESOURCE, word)),
    }),
    ...more,
    listeners: listenersCommand(environment),
    add: apiCommand(environment, {
      name: 'add',
      description: 'Publish an application; it lets nobody in by itself',
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
        const made = await api.post('/resources', { body });
        return withHint(placed(made), made);
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
      return placed(await api.patch('/resources/{id}', { ...at({ id }), body }));
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
      return { text: ({ columns }) => listenersText(items, columns), value: items };
    },
  });
}

/** What is missing where nobody could open it. */
function withHint(printed: Printed, { name, policy }: AnswerOf<'get', '/resources/{id}'>): Printed {
  const { rules = [] } = policy as { readonly rules?: readonly unknown[] };
  if (rules.length > 0) return printed;
  const word = /^[\w.-]+$/.test(name) ? name : JSON.stringify(name);
  const hint = `Nobody may open it yet. To say who: manis policy update ${word} FILE`;
  return { ...printed, text: (reader) => `${textFor(printed, reader)}\n\n${hint}` };
}

/** Where people find it comes first. */
function placed(resource: AnswerOf<'get', '/resources/{id}'>): Printed {
  const { url, ...rest } = resource;
  return { ...shown({ url, ...rest }), value: resource };
}

function listCommand(environment: Environment): CommandDef {
  return apiCommand(environment, {
    name: 'list',
    description: 'List every resource: where it is, and how it is',
    shape: { sort: sortFlag(RESOURCE) },
    run: async (api, { sort }) => {
      const items = await api.list('/resources', sortedBy(sort));
      const rows = items.map((item) => ({ ...item, where: whereOf(item) }));
      const columns = ['id', 'name', 'where', 'kind', 'health', 'enabled', 'createdUnixMs'] as const;
      return { ...listed({ ...RESOURCE, columns }, rows), value: items };
    },
  });
}

/** The address that people have, or the ports. */
function whereOf({ url, host, listen }: Pick<Listed<'/resources'>, 'url' | 'host' | 'listen'>): string {
  const { first = null, last = null } = listen ?? {};
  const ports = first === null ? '' : last === null || last === first ? `${first}` : `${first}-${last}`;
  return url ?? ([host, ports].filter((part) => part !== '').join(':') || '-');
}

/** Undefined: nothing was said. Null: none. */
async function providerIdOf(api: ControlApi, word: string | undefined): Promise<string | null | undefined> {
  if (word === undefined) return undefined;
  return word === 'none' ? null : (await find(api, PROVIDER, word)).id;
}
