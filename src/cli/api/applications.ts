/** `manis resource`, `policy`: what is published, and for whom. */
import type { CommandDef } from 'citty';
import { group } from '../command.ts';
import type { Environment } from '../environment.ts';
import { admitting, type EditablePolicy } from './admit.ts';
import type { ControlApi } from './control-api.ts';
import { siteIdOf } from './network.ts';
import { apiCommand, commonCommands, find, given, type Item, type Noun, type Printed, shown } from './noun.ts';
import { PROVIDER } from './providers.ts';
import { fileFlag, listFlag, requiredFlag, shareFlag, textFlag, truthFlag, wordFlag } from './words.ts';
import { readYaml } from './yaml-file.ts';

export const RESOURCE: Noun = {
  name: 'resource',
  path: '/resources',
  columns: ['id', 'name', 'host', 'enabled', 'balancing', 'sticky', 'createdUnixMs'],
  names: ['name', 'host'],
};
const policyFile = fileFlag('Policy, YAML or JSON');

const balanceShape = {
  balancing: wordFlag(['least-latency', 'round-robin'], 'How a target of a tier is chosen'),
  sticky: wordFlag(['none', 'cookie', 'client-address'], 'By what clients come back to their target'),
  provider: textFlag('PROVIDER', 'Identity provider that people are led to at once; none: they choose'),
  panicThreshold: shareFlag('Share of a tier that must be usable, else failures are not believed (0: they always are)'),
};

export function resourceCommands(environment: Environment): CommandDef {
  return group('resource', 'Applications as people reach them', {
    ...commonCommands(environment, RESOURCE),
    add: apiCommand(environment, {
      name: 'add',
      description: 'Publish an application; without a policy it lets nobody in',
      positionals: ['name'],
      shape: {
        host: requiredFlag('HOST', 'Host name under which people reach it'),
        site: textFlag('SITE', 'Site of its targets (default: the only one)'),
        target: listFlag('URL', 'http://host:port as the connector reaches it'),
        policy: policyFile,
        ...balanceShape,
      },
      run: async (api, { host, site, target, policy, balancing, sticky, panicThreshold, provider }, [name]) => {
        const siteId = target && (await siteIdOf(api, site));
        const targets = target?.map((url) => ({ siteId, url }));
        const balance = { balancing, sticky, panicThreshold, providerId: await providerIdOf(api, provider) };
        const body = given({ name, host, targets, policy: policy && (await readYaml('policy', policy)), ...balance });
        return shown(await api.post<Item>('/resources', body));
      },
    }),
    update: apiCommand(environment, {
      name: 'update',
      description: 'Change an application',
      positionals: ['resource'],
      shape: {
        name: textFlag('NAME', 'Its new name'),
        host: textFlag('HOST', 'Its new host name'),
        enabled: truthFlag('Whether it is served'),
        policy: policyFile,
        ...balanceShape,
      },
      run: async (api, { name, host, enabled, policy, balancing, sticky, panicThreshold, provider }, [word = '']) => {
        const { id } = await find(api, RESOURCE, word);
        const balance = { balancing, sticky, panicThreshold, providerId: await providerIdOf(api, provider) };
        const body = given({ name, host, enabled, policy: policy && (await readYaml('policy', policy)), ...balance });
        return shown(await api.patch<Item>(`/resources/${id}`, body));
      },
    }),
  });
}

/** Undefined: nothing was said. Null: none. */
async function providerIdOf(api: ControlApi, word: string | undefined): Promise<string | null | undefined> {
  if (word === undefined) return undefined;
  return word === 'none' ? null : (await find(api, PROVIDER, word)).id;
}

export function policyCommands(environment: Environment): CommandDef {
  return group('policy', 'Who may open a resource', {
    show: apiCommand(environment, {
      name: 'show',
      description: 'Show the policy of a resource, as YAML',
      positionals: ['resource'],
      run: async (api, _settings, [word = '']) => {
        const { id } = await find(api, RESOURCE, word);
        return policyPrinted(await api.get(`/resources/${id}/policy`));
      },
    }),
    update: apiCommand(environment, {
      name: 'update',
      description: 'Replace the policy of a resource',
      positionals: ['resource', 'file'],
      run: async (api, _settings, [word = '', file = '']) => {
        const { id } = await find(api, RESOURCE, word);
        return policyPrinted(await api.put(`/resources/${id}/policy`, await readYaml('policy', file)));
      },
    }),
    admit: apiCommand(environment, {
      name: 'admit',
      description:
        'Have a rule admit a kind of credential, too: share-link, pin, resource-password, service-token, header',
      positionals: ['resource', 'method'],
      shape: { rule: textFlag('ID', 'Which rule (default: the only one that asks for a sign-in)') },
      run: async (api, { rule }, [word = '', method = '']) => {
        const { id } = await find(api, RESOURCE, word);
        const policy = await api.get<EditablePolicy>(`/resources/${id}/policy`);
        return policyPrinted(await api.put(`/resources/${id}/policy`, admitting(policy, method, rule)));
      },
    }),
  });
}

async function policyPrinted(policy: unknown): Promise<Printed> {
  const { stringify } = await import('yaml');
  return { text: stringify(policy).trimEnd(), value: policy };
}
