/** `manis target`: where the requests of a resource go, and how that is. */

import type { CommandDef } from 'citty';
import type { BodyOf } from '../../api/client.ts';
import { group } from '../command.ts';
import type { Environment } from '../environment.ts';
import { formatTable } from '../terminal/table.ts';
import { agoText, clockText } from '../terminal/times.ts';
import { RESOURCE } from './applications.ts';
import { at } from './control-api.ts';
import { siteIdOf } from './network.ts';
import { apiCommand, commonCommands, find, given, type Noun } from './noun.ts';
import { type Printed, type Reader, shown } from './printed.ts';
import { type TlsFlags, tlsBody, tlsFlags } from './target-tls.ts';
import { fileFlag, listFlag, numberFlag, textFlag } from './words.ts';
import { readYaml } from './yaml-file.ts';

const TARGET: Noun<'/targets'> = {
  name: 'target',
  path: '/targets',
  columns: ['id', 'url', 'resourceId', 'siteId', 'state', 'priority', 'weight'],
  names: ['url'],
  sorted: 'targets',
};

const HOUR_MS = 3_600_000;

const targetShape = {
  hostHeader: textFlag('HOST', 'Host header to send (default: what the browser asked for)'),
  ...tlsFlags,
  priority: numberFlag(0, 1000, 'Lower is preferred'),
  weight: numberFlag(0, 1_000_000, 'Share among targets of one priority'),
  check: textFlag('none|tcp|PATH', 'What its connectors check: nothing, that it accepts, or a path over HTTP'),
  checkStatus: listFlag('STATUS', 'Statuses that are good: 200, 200-299 or 2xx (default: 2xx, 3xx)'),
  checkIntervalMs: numberFlag(1_000, HOUR_MS, 'From one check to the next'),
  checkTimeoutMs: numberFlag(100, 60_000, 'For one check'),
  checkFile: fileFlag('All settings of the check, YAML or JSON'),
};

export function targetCommands(environment: Environment): CommandDef {
  return group('target', 'Where the requests of a resource go', {
    ...commonCommands(environment, TARGET),
    health: healthCommand(environment),
    add: apiCommand(environment, {
      name: 'add',
      description: 'Add a target to a resource: http://, https://, h2c://, h2:// or unix:/path',
      positionals: ['resource', 'url'],
      shape: { site: textFlag('SITE', 'Site whose connectors reach it (default: the only one)'), ...targetShape },
      run: async (api, settings, [word = '', url = '']) => {
        const [resource, siteId] = [await find(api, RESOURCE, word), await siteIdOf(api, settings.site)];
        const body = { siteId, url, ...(await targetBody(settings, undefined)) };
        return shown(await api.post('/resources/{id}/targets', { ...at({ id: resource.id }), body }));
      },
    }),
    update: apiCommand(environment, {
      name: 'update',
      description: 'Change a target',
      positionals: ['target'],
      shape: { to: textFlag('URL', 'Its new address'), ...targetShape },
      run: async (api, settings, [word = '']) => {
        const { id } = await find(api, TARGET, word);
        const made = await api.editPart('/targets/{id}', at({ id }), async (now) =>
          given({ url: settings.to, ...(await targetBody(settings, now.check)) }),
        );
        return shown(made);
      },
    }),
  });
}

interface TargetFlags extends CheckFlags, TlsFlags {
  readonly hostHeader?: string | undefined;
  readonly priority?: number | undefined;
  readonly weight?: number | undefined;
}

interface CheckFlags {
  readonly check?: string | undefined;
  readonly checkStatus?: readonly string[] | undefined;
  readonly checkIntervalMs?: number | undefined;
  readonly checkTimeoutMs?: number | undefined;
  readonly checkFile?: string | undefined;
}

type Check = NonNullable<BodyOf<'patch', '/targets/{id}'>['check']>;

async function targetBody(flags: TargetFlags, had: Check | null | undefined) {
  const { hostHeader, priority, weight } = flags;
  const [tls, check] = [await tlsBody(flags), await checkBody(flags, had)];
  return given({ hostHeader, priority, weight, tls, check });
}

/** The check that the flags ask for, on top of the one that the target had; undefined where they say nothing. */
export async function checkBody(flags: CheckFlags, had: Check | null | undefined): Promise<Check | null | undefined> {
  // What a file says is judged by control.
  if (flags.checkFile !== undefined) return (await readYaml('check', flags.checkFile)) as Check;
  if (flags.check === 'none') return null;
  const { checkStatus, checkIntervalMs: intervalMs, checkTimeoutMs: timeoutMs } = flags;
  const changes = given({ expectedStatus: checkStatus, intervalMs, timeoutMs });
  if (flags.check === undefined)
    return Object.keys(changes).length > 0 ? { ...(had ?? { kind: 'tcp' as const }), ...changes } : undefined;
  if (flags.check === 'tcp') return { kind: 'tcp', ...changes };
  return { kind: 'http', path: flags.check, ...changes };
}

interface TargetHealth {
  readonly state: string;
  readonly ways: readonly (Way & { readonly sinceUnixMs: number; readonly current: boolean })[];
  readonly history: readonly (Way & { readonly unixMs: number })[];
}

interface Way {
  readonly pop: string;
  readonly connector: string;
  readonly state: string;
  readonly reason: string;
  readonly text: string;
}

function healthCommand(environment: Environment): CommandDef {
  return apiCommand(environment, {
    name: 'health',
    description: 'How a target is, seen from every PoP through every connector, and how that changed',
    positionals: ['target'],
    run: async (api, _settings, [word = '']) => {
      const { id } = await find(api, TARGET, word);
      const health = await api.get('/targets/{id}/health', at({ id }));
      return { text: (reader) => healthText(health, reader), value: health } satisfies Printed;
    },
  });
}

/** The present first, then what was, the newest first. */
export function healthText(
  { state, ways, history }: TargetHealth,
  { columns, nowUnixMs }: Pick<Reader, 'columns' | 'nowUnixMs'>,
): string {
  const present = ways.map((way) => [
    way.pop,
    way.connector,
    way.current ? way.state : `${way.state} (PoP cut off)`,
    agoText(way.sinceUnixMs, nowUnixMs),
    way.reason,
    way.text,
  ]);
  const past = history.map((way) => [clockText(way.unixMs, nowUnixMs), way.pop, way.connector, way.state, way.reason]);
  return [
    state,
    formatTable(['pop', 'connector', 'state', 'since', 'reason', 'meaning'], present, columns),
    formatTable(['time (UTC)', 'pop', 'connector', 'state', 'reason'], past, columns),
  ].join('\n\n');
}
