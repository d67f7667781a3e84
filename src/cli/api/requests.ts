/** `manis requests`: what became of requests to applications, and why. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CommandDef } from 'citty';
import type { AnswerOf, QueryOf } from '../../api/client.ts';
import { printable } from '../../base/index.ts';
import { createClock } from '../../io/clock.ts';
import { group } from '../command.ts';
import type { SettingsOf } from '../config/value.ts';
import type { Environment } from '../environment.ts';
import { csvLine } from '../terminal/csv.ts';
import { say, sayJson } from '../terminal/output.ts';
import { formatTable } from '../terminal/table.ts';
import { RESOURCE } from './applications.ts';
import { timesOf } from './audit-text.ts';
import { captureCommands } from './captures.ts';
import { at, type ControlApi } from './control-api.ts';
import { withNames } from './names.ts';
import { apiCommand, find, given } from './noun.ts';
import type { Printed, Reader } from './printed.ts';
import {
  figuresText,
  REQUEST_HEADS,
  type RequestItem,
  requestCells,
  requestQuery,
  requestText,
  SHORT_REQUEST_HEADS,
  shortRequestCells,
} from './request-text.ts';
import { numberFlag, requiredWordFlag, textFlag, wordFlag } from './words.ts';

const clock = createClock();
const POLL_MS = 1_000;
/** PoPs send what happened each second; so far back each look goes. */
const LATE_MS = 10_000;

const FILTER = {
  resource: textFlag('RESOURCE', 'At this resource, by id, name or host'),
  host: textFlag('HOST', 'To this host'),
  path: textFlag('TEXT', 'Whose path contains this'),
  method: textFlag('METHOD', 'Such as POST'),
  status: textFlag('STATUS', 'Such as 404, or 5xx'),
  outcome: wordFlag(['allowed', 'denied', 'challenged', 'failed'], 'With this outcome'),
  reason: textFlag('REASON', 'For this named reason'),
  user: textFlag('USER', 'Of this user, by id or a part of the name'),
  address: textFlag('ADDRESS', 'From this address, or from this block, such as 203.0.113.0/24'),
  country: textFlag('COUNTRY', 'From this country, two letters'),
  pop: textFlag('POP', 'At this PoP, by its id'),
  since: textFlag('TIME', 'From then on: 2026-03-02T09:00:00Z, or 30m, 12h, 3d ago'),
  until: textFlag('TIME', 'Before then'),
};
type Filter = SettingsOf<typeof FILTER>;

export function requestCommands(environment: Environment): CommandDef {
  return group('requests', 'What became of requests to applications, and why', {
    list: apiCommand(environment, {
      name: 'list',
      description: 'List the newest requests',
      shape: { ...FILTER, limit: numberFlag(1, 100_000, 'How many (default: 50)') },
      run: async (api, { limit, ...filter }) => listed(await requests(api, await queryOf(api, filter), limit ?? 50)),
    }),
    follow: apiCommand(environment, {
      name: 'follow',
      description: 'Print requests as they come',
      shape: FILTER,
      run: (api, { json, ...filter }) => follow(api, filter, json),
    }),
    show: apiCommand(environment, {
      name: 'show',
      description: 'Tell all of one request, by its id or the id on its page',
      positionals: ['request'],
      run: async (api, _settings, [id = '']) => {
        const request = await api.get('/requests/{id}', at({ id }));
        return { text: requestText(request), value: request };
      },
    }),
    export: apiCommand(environment, {
      name: 'export',
      description: 'Print every request that fits as CSV (or, with --json, as JSON)',
      shape: FILTER,
      run: async (api, filter) => {
        const found = await requests(api, await queryOf(api, filter));
        return {
          text: [csvLine(REQUEST_HEADS), ...found.map((request) => csvLine(requestCells(request)))].join('\r\n'),
          value: found,
        };
      },
    }),
    ...captureCommands(environment),
    ...reportCommands(environment),
    ...settingCommands(environment),
  });
}

function reportCommands(environment: Environment): Readonly<Record<string, CommandDef>> {
  return {
    figures: apiCommand(environment, {
      name: 'figures',
      description: 'Show what requests of the last day, or of another time, are like together',
      shape: FILTER,
      run: async (api, filter) => {
        const query = await queryOf(api, filter);
        const figures = await api.get('/requests/analytics', { params: { query } });
        return { text: figuresText(figures), value: figures };
      },
    }),
  };
}

function settingCommands(environment: Environment): Readonly<Record<string, CommandDef>> {
  return {
    settings: apiCommand(environment, {
      name: 'settings',
      description: 'Show which requests are logged, and how long they are kept',
      run: async (api) => settingsPrinted(await api.get('/requests/settings')),
    }),
    set: apiCommand(environment, {
      name: 'set',
      description: 'Say which requests are logged: all, those that were refused or failed, or none',
      shape: {
        level: requiredWordFlag(['all', 'refused', 'none', 'inherited'], 'Which; inherited: as the organisation says'),
        resource: textFlag('RESOURCE', 'At this resource (default: the whole organisation)'),
        days: numberFlag(1, 365, 'How many days they are kept'),
        megabytes: numberFlag(0, 65_536, 'How much of them is kept'),
      },
      run: async (api, { level, resource, days, megabytes }) => {
        if (resource !== undefined) {
          const { id } = await find(api, RESOURCE, resource);
          const body = { level: level === 'inherited' ? null : level };
          return settingsPrinted(await api.put('/requests/settings/resources/{id}', { ...at({ id }), body }));
        }
        const made = await api.edit('/requests/settings', {}, (now) => ({
          level: level === 'inherited' ? ('all' as const) : level,
          keptDays: days ?? now.keptDays,
          keptBytes: megabytes === undefined ? now.keptBytes : megabytes * MEGABYTE,
        }));
        return settingsPrinted(made);
      },
    }),
  };
}

const MEGABYTE = 1024 * 1024;

type LogSettings = AnswerOf<'get', '/requests/settings'>;

function settingsPrinted(value: LogSettings): Printed {
  const { level, keptDays, keptBytes, usedBytes, entries, resources } = value;
  const used = `${entries} requests, about ${Math.ceil(usedBytes / MEGABYTE)} MB`;
  const kept = `${keptDays} days, at most ${Math.floor(keptBytes / MEGABYTE)} MB`;
  const lines = resources.map((resource) => `${resource.resourceId}: ${resource.level}`);
  const text = [`everywhere else: ${level}`, ...lines, `kept: ${kept}`, `now: ${used}`].join('\n');
  return { text: ({ nameOf }) => withNames(text, nameOf), value };
}

type Query = QueryOf<'get', '/requests'>;

async function queryOf(api: ControlApi, { resource, ...plain }: Filter): Promise<Query> {
  const resourceId = resource && (await find(api, RESOURCE, resource)).id;
  return requestQuery(given({ ...plain, resourceId }), clock.unixMs());
}

/** The newest first. */
function requests(api: ControlApi, query: Query, most: number = Number.POSITIVE_INFINITY) {
  return api.list('/requests', { params: { query } }, most);
}

function listed(found: readonly RequestItem[]): Printed {
  return { text: (reader) => tableText(found, reader), value: found };
}

function tableText(found: readonly RequestItem[], { columns, nowUnixMs }: Reader): string {
  if (found.length === 0) return 'There is no such request in the log.';
  const rows = found.map((request) => shortRequestCells(request, nowUnixMs));
  return formatTable(SHORT_REQUEST_HEADS, rows, columns);
}

/** Until it is interrupted. */
async function follow(api: ControlApi, { since, ...filter }: Filter, json: boolean): Promise<undefined> {
  const query = await queryOf(api, filter);
  let { sinceUnixMs: from = clock.unixMs() } = timesOf({ since }, clock.unixMs());
  let seen = new Set<string>();
  for (;;) {
    const look = { ...query, sinceUnixMs: Math.floor(from) };
    const found = (await requests(api, look)).toReversed();
    for (const request of found)
      if (!seen.has(request.id)) {
        if (json) sayJson(request);
        else say(shortRequestCells(request, clock.unixMs()).map(printable).join('  '));
      }
    seen = new Set(found.map(({ id }) => id));
    from = Math.max(from, clock.unixMs() - LATE_MS);
    await sleep(POLL_MS);
  }
}
