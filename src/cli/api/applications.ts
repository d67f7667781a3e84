/** `manis resource`, `target`, `policy`: what is published, from where, and for whom. */
import type { CommandDef } from 'citty';
import { parse, stringify } from 'yaml';
import { group } from '../command.ts';
import { UsageFailure } from '../config/usage-failure.ts';
import type { Environment } from '../environment.ts';
import { requireText } from '../programs/enrolment.ts';
import { siteIdOf } from './network.ts';
import { apiCommand, commonCommands, find, given, type Item, type Noun, type Printed, shown } from './noun.ts';
import { fileFlag, listFlag, numberFlag, requiredFlag, textFlag, truthFlag } from './words.ts';

const RESOURCE: Noun = {
  name: 'resource',
  path: '/resources',
  columns: ['id', 'name', 'host', 'enabled', 'createdUnixMs'],
  names: ['name', 'host'],
};
const TARGET: Noun = {
  name: 'target',
  path: '/targets',
  columns: ['id', 'resourceId', 'siteId', 'url', 'priority', 'weight'],
  names: ['url'],
};

const policyFile = fileFlag('Policy, YAML or JSON');

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
      },
      run: async (api, { host, site, target, policy }, [name]) => {
        const siteId = target && (await siteIdOf(api, site));
        const targets = target?.map((url) => ({ siteId, url }));
        const body = given({ name, host, targets, policy: policy && (await readPolicy(policy)) });
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
      },
      run: async (api, { name, host, enabled, policy }, [word = '']) => {
        const { id } = await find(api, RESOURCE, word);
        const body = given({ name, host, enabled, policy: policy && (await readPolicy(policy)) });
        return shown(await api.patch<Item>(`/resources/${id}`, body));
      },
    }),
  });
}

const targetShape = {
  hostHeader: textFlag('HOST', 'Host header to send (default: what the browser asked for)'),
  tlsServerName: textFlag('NAME', 'Name to ask an https target for'),
  tlsVerify: truthFlag('Whether the certificate of an https target is verified'),
  priority: numberFlag(0, 1000, 'Lower is preferred'),
  weight: numberFlag(0, 1_000_000, 'Share among targets of one priority'),
};

export function targetCommands(environment: Environment): CommandDef {
  return group('target', 'Where the requests of a resource go', {
    ...commonCommands(environment, TARGET),
    add: apiCommand(environment, {
      name: 'add',
      description: 'Add a target to a resource',
      positionals: ['resource', 'url'],
      shape: { site: textFlag('SITE', 'Site whose connectors reach it (default: the only one)'), ...targetShape },
      run: async (api, settings, [word = '', url]) => {
        const [resource, siteId] = [await find(api, RESOURCE, word), await siteIdOf(api, settings.site)];
        const body = { siteId, url, ...targetBody(settings) };
        return shown(await api.post<Item>(`/resources/${resource.id}/targets`, body));
      },
    }),
    update: apiCommand(environment, {
      name: 'update',
      description: 'Change a target',
      positionals: ['target'],
      shape: { to: textFlag('URL', 'Its new address'), ...targetShape },
      run: async (api, settings, [word = '']) => {
        const { id } = await find(api, TARGET, word);
        return shown(await api.patch<Item>(`/targets/${id}`, given({ url: settings.to, ...targetBody(settings) })));
      },
    }),
  });
}

interface TargetFlags {
  readonly hostHeader?: string | undefined;
  readonly tlsServerName?: string | undefined;
  readonly tlsVerify?: boolean | undefined;
  readonly priority?: number | undefined;
  readonly weight?: number | undefined;
}

function targetBody({ hostHeader, tlsServerName, tlsVerify, priority, weight }: TargetFlags) {
  const tls = given({ serverName: tlsServerName, verify: tlsVerify });
  return given({ hostHeader, priority, weight, tls: Object.keys(tls).length > 0 ? tls : undefined });
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
        return policyPrinted(await api.put(`/resources/${id}/policy`, await readPolicy(file)));
      },
    }),
  });
}

function policyPrinted(policy: unknown): Printed {
  return { text: stringify(policy).trimEnd(), value: policy };
}

/** YAML, of which JSON is a part; control judges the contents. */
async function readPolicy(path: string): Promise<unknown> {
  const text = await requireText('policy', path);
  try {
    return parse(text, { maxAliasCount: 100 });
  } catch (error) {
    throw new UsageFailure('setting-invalid', `${path} is not YAML: ${(error as Error).message.split('\n')[0]}`, error);
  }
}
