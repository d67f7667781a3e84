/** `manis site`, `connector`, `pop`: where applications are, and the nodes. */
import type { CommandDef } from 'citty';
import { utcMinute } from '../../base/index.ts';
import { group } from '../command.ts';
import { UsageFailure } from '../config/usage-failure.ts';
import type { Environment } from '../environment.ts';
import { at, type ControlApi } from './control-api.ts';
import { diagnosisCommands } from './diagnosis.ts';
import { apiCommand, commonCommands, find, given, type Noun } from './noun.ts';
import { type Printed, shown } from './printed.ts';
import { degreesFlag, requiredFlag, textFlag, wordFlag } from './words.ts';

/** Ways to run a node on a machine without Manis. */
const FOR = wordFlag(['npx', 'docker', 'systemd'], 'Print the command for this alone');

const SITE: Noun<'/sites'> = {
  name: 'site',
  path: '/sites',
  columns: ['id', 'name', 'createdUnixMs'],
  names: ['name'],
};
const CONNECTOR: Noun<'/connectors'> = {
  name: 'connector',
  path: '/connectors',
  columns: ['id', 'name', 'siteId', 'draining', 'createdUnixMs', 'overlayAddress'],
  names: ['name'],
};
const DEVICE: Noun<'/devices'> = {
  name: 'device',
  title: 'WireGuard device',
  path: '/devices',
  columns: ['id', 'name', 'siteId', 'address', 'popId', 'createdUnixMs'],
  names: ['name'],
};
export const POP: Noun<'/pops'> = {
  name: 'pop',
  title: 'PoP',
  path: '/pops',
  columns: ['id', 'name', 'httpsEndpoints', 'udpEndpoints', 'draining', 'createdUnixMs'],
  names: ['name'],
  sorted: 'pops',
};

/** Of the site that a flag names, or of the only one. */
export async function siteIdOf(api: ControlApi, word: string | undefined): Promise<string> {
  if (word !== undefined) return (await find(api, SITE, word)).id;
  const sites = await api.list('/sites');
  const [only] = sites;
  if (only && sites.length === 1) return only.id;
  const names = sites.map((site) => site['name']).join(', ') || 'a site; see manis site add';
  throw new UsageFailure('setting-invalid', `--site is missing; expected ${sites.length > 1 ? 'one of ' : ''}${names}`);
}

/** Sites, and the ways into them that are no programs. */
export function placeCommands(environment: Environment): Record<string, CommandDef> {
  return { site: siteCommands(environment), device: deviceCommands(environment) };
}

function siteCommands(environment: Environment): CommandDef {
  return group('site', 'Places where applications are', {
    ...commonCommands(environment, SITE),
    add: apiCommand(environment, {
      name: 'add',
      description: 'Add a site',
      positionals: ['name'],
      run: async (api, _settings, [name = '']) => shown(await api.post('/sites', { body: { name } })),
    }),
    update: apiCommand(environment, {
      name: 'update',
      description: 'Rename a site',
      positionals: ['site'],
      shape: { name: requiredFlag('NAME', 'Its new name') },
      run: async (api, { name }, [word = '']) => {
        const { id } = await find(api, SITE, word);
        return shown(await api.patch('/sites/{id}', { ...at({ id }), body: { name } }));
      },
    }),
  });
}

/** Commands beside the program `manis connector`. */
export function connectorCommands(environment: Environment): Record<string, CommandDef> {
  return {
    ...commonCommands(environment, CONNECTOR),
    ...drainCommands(environment, CONNECTOR),
    ...diagnosisCommands(environment, CONNECTOR),
    add: apiCommand(environment, {
      name: 'add',
      description: 'Make a one-time token for a new connector',
      shape: { site: textFlag('SITE', 'Site of the connector (default: the only one)'), for: FOR },
      run: async (api, { site, for: way }) => {
        const id = await siteIdOf(api, site);
        const made = await api.post('/sites/{id}/enrolment-tokens', { ...at({ id }), body: {} });
        return tokenFor('connector', made, way);
      },
    }),
  };
}

/** Plain WireGuard devices. */
function deviceCommands(environment: Environment): CommandDef {
  return group('device', 'WireGuard devices: a way into a site without a connector', {
    ...commonCommands(environment, DEVICE),
    add: apiCommand(environment, {
      name: 'add',
      description: 'Add a WireGuard device and print its configuration for wg-quick',
      positionals: ['name'],
      shape: {
        site: textFlag('SITE', 'Site of the device (default: the only one)'),
        pop: textFlag('POP', 'The PoP that its tunnel goes to (default: the one with the fewest devices)'),
        publicKey: textFlag('KEY', 'Its public key, if its keys are made already (default: they are made now)'),
      },
      run: async (api, { site, pop, publicKey }, [name = '']) => {
        const body = given({ name, publicKey, popId: pop === undefined ? undefined : (await find(api, POP, pop)).id });
        return configurationOf(
          await api.post('/sites/{id}/devices', { ...at({ id: await siteIdOf(api, site) }), body }),
        );
      },
    }),
    move: apiCommand(environment, {
      name: 'move',
      description: 'Have its tunnel go to another PoP, and print the new configuration',
      positionals: ['device'],
      shape: { pop: requiredFlag('POP', 'The PoP') },
      run: async (api, { pop }, [word = '']) => {
        const { id } = await find(api, DEVICE, word);
        return configurationOf(
          await api.patch('/devices/{id}', { ...at({ id }), body: { popId: (await find(api, POP, pop)).id } }),
        );
      },
    }),
    configuration: apiCommand(environment, {
      name: 'configuration',
      description: 'Print its configuration without the private key',
      positionals: ['device'],
      run: async (api, _settings, [word = '']) => {
        const { id } = await find(api, DEVICE, word);
        return configurationOf(await api.get('/devices/{id}/configuration', at({ id })));
      },
    }),
  });
}

interface Configured {
  readonly configuration: string;
}

/** Nothing but the configuration, so that it can go into a file. */
function configurationOf(made: Configured): Printed {
  return { text: made.configuration.trimEnd(), value: made };
}

/** Commands beside the program `manis pop`. */
export function popCommands(environment: Environment): Record<string, CommandDef> {
  return {
    ...commonCommands(environment, POP),
    ...drainCommands(environment, POP),
    add: apiCommand(environment, {
      name: 'add',
      description: 'Make a one-time token for a new PoP',
      positionals: ['name'],
      shape: {
        location: textFlag('PLACE', 'Where it is, for people (default: its name)'),
        latitude: degreesFlag(90, 'North is positive'),
        longitude: degreesFlag(180, 'East is positive'),
        for: FOR,
      },
      run: async (api, { location, latitude, longitude, for: way }, [name = '']) => {
        const place = { name: location ?? name, latitude, longitude };
        return tokenFor('pop', await api.post('/pops/enrolment-tokens', { body: { name, location: place } }), way);
      },
    }),
  };
}

/** `drain` and `resume`: what is open on the node finishes, and new work goes elsewhere. */
function drainCommands(
  environment: Environment,
  noun: Noun<'/connectors'> | Noun<'/pops'>,
): Record<string, CommandDef> {
  const title = noun.title ?? noun.name;
  const command = (verb: 'drain' | 'resume', description: string) =>
    apiCommand(environment, {
      name: verb,
      description,
      positionals: [noun.name],
      run: async (api, _settings, [word = '']) => {
        const { id } = await find(api, noun, word);
        const value = await api.post(`${noun.path}/{id}/${verb}`, at({ id }));
        return { text: verb === 'drain' ? `${word} gets no new work.` : `${word} gets work again.`, value };
      },
    });
  return {
    drain: command('drain', `Give a ${title} no new work; what is open finishes`),
    resume: command('resume', `Give a drained ${title} work again`),
  };
}

interface EnrolmentToken {
  readonly id: string;
  readonly joinToken: string;
  readonly expiresUnixMs: number;
  readonly commands?: JoinCommands | undefined;
}

type JoinCommands = Readonly<Record<'npx' | 'docker' | 'systemd', string>>;

/** @param way nothing but the command for it, so that it can go into a file or a shell. */
function tokenFor(program: string, made: EnrolmentToken, way?: keyof JoinCommands): Printed {
  const until = utcMinute(made.expiresUnixMs);
  const where = `the machine that is to be the ${program === 'pop' ? 'PoP' : program}`;
  const installed = `manis ${program} join ${made.joinToken}`;
  const { commands } = made;
  const how = `Type this on ${where} (it works once, until ${until} UTC):`;
  if (!commands) return { text: `${how}\n\n  ${installed}`, value: made };
  if (way) return { text: commands[way], value: made };
  const anew = `${how}\n\n${commands.npx}\n\nWhere Manis is installed already:\n\n  ${installed}`;
  return { text: `${anew}\n\nFor Docker and systemd: --for docker, --for systemd.`, value: made };
}
