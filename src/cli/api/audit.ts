/** `manis audit`: who did what, what PoPs decided, and why. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CommandDef } from 'citty';
import type { AnswerOf, QueryOf } from '../../api/client.ts';
import { printable } from '../../base/index.ts';
import { createClock } from '../../io/clock.ts';
import { group } from '../command.ts';
import { UsageFailure } from '../config/usage-failure.ts';
import type { SettingsOf } from '../config/value.ts';
import type { Environment } from '../environment.ts';
import { csvLine } from '../terminal/csv.ts';
import { say, sayJson } from '../terminal/output.ts';
import { formatTable } from '../terminal/table.ts';
import { RESOURCE } from './applications.ts';
import { type AuditItem, auditQuery, EVENT_HEADS, eventCells, SHORT_HEADS, shortCells, whyText } from './audit-text.ts';
import { at, type ControlApi } from './control-api.ts';
import { withNames } from './names.ts';
import { apiCommand, find, given } from './noun.ts';
import { USER } from './people.ts';
import type { Printed, Reader } from './printed.ts';
import { numberFlag, requiredWordFlag, textFlag, wordFlag } from './words.ts';

const clock = createClock();
const POLL_MS = 1_000;
/** Events of PoPs come late; so far back each look goes. */
const LATE_MS = 60_000;

const FILTER = {
  resource: textFlag('RESOURCE', 'Of this resource, by id, name or host'),
  user: textFlag('USER', 'Of this user; or guest:ADDRESS, credential:ID, key:ID'),
  outcome: wordFlag(['allow', 'deny', 'challenge', 'error', 'done', 'refused'], 'With this outcome'),
  action: textFlag('ACTION', 'Such as request, sign-in, resource.add'),
  since: textFlag('TIME', 'From then on: 2026-03-02T09:00:00Z, or 30m, 12h, 3d ago'),
  until: textFlag('TIME', 'Before then'),
  address: textFlag('ADDRESS', 'From this address, or from this block, such as 203.0.113.0/24'),
  request: textFlag('ID', 'Of the request with this id'),
};
type Filter = SettingsOf<typeof FILTER>;

export function auditCommands(environment: Environment): CommandDef {
  return group('audit', 'Who did what, what was decided, and why', {
    list: apiCommand(environment, {
      name: 'list',
      description: 'List the newest events',
      shape: { ...FILTER, limit: numberFlag(1, 100_000, 'How many (default: 50)') },
      run: async (api, { limit, ...filter }) => listed(await events(api, await queryOf(api, filter), limit ?? 50)),
    }),
    follow: apiCommand(environment, {
      name: 'follow',
      description: 'Print events as they come',
      shape: FILTER,
      run: (api, { json, ...filter }) => follow(api, filter, json),
    }),
    export: apiCommand(environment, {
      name: 'export',
      description: 'Print every event that fits as CSV (or, with --json, as JSON)',
      shape: FILTER,
      run: async (api, filter) => {
        const found = await events(api, await queryOf(api, filter));
        return {
          text: [csvLine(EVENT_HEADS), ...found.map((event) => csvLine(eventCells(event)))].join('\r\n'),
          value: found,
        };
      },
    }),
    why: apiCommand(environment, {
      name: 'why',
      description: 'Tell why a request was let in or refused, by the id on its page',
      positionals: ['request'],
      run: async (api, _settings, [requestId = '']) => {
        const [event] = await events(api, { requestId }, 1);
        return { text: whyText(event), value: event ?? null };
      },
    }),
    mode: apiCommand(environment, {
      name: 'mode',
      description: 'Show which decisions are audited',
      run: async (api) => modePrinted(await api.get('/audit/settings')),
    }),
    set: apiCommand(environment, {
      name: 'set',
      description: 'Say which decisions are audited: the first of a kind in a while, or all',
      shape: {
        mode: requiredWordFlag(['sampled', 'all', 'inherited'], 'Which; inherited: as the organisation says'),
        resource: textFlag('RESOURCE', 'At this resource (default: the whole organisation)'),
      },
      run: async (api, { mode, resource }) => {
        if (resource !== undefined) {
          const { id } = await find(api, RESOURCE, resource);
          const body = { mode: mode === 'inherited' ? null : mode };
          return modePrinted(await api.put('/audit/settings/resources/{id}', { ...at({ id }), body }));
        }
        if (mode === 'inherited')
          throw new UsageFailure('setting-invalid', '--mode inherited is for one resource: give --resource');
        return modePrinted(await api.put('/audit/settings', { body: { mode } }));
      },
    }),
  });
}

function modePrinted(value: AnswerOf<'get', '/audit/settings'>): Printed {
  const lines = value.resources.map(({ resourceId, mode }) => `${resourceId}: ${mode}`);
  const text = [`everywhere else: ${value.mode}`, ...lines].join('\n');
  return { text: ({ nameOf }) => withNames(text, nameOf), value };
}

async function queryOf(api: ControlApi, { resource, user, ...plain }: Filter): Promise<Query> {
  const subject = resource && (await find(api, RESOURCE, resource)).id;
  const actor = user && (user.includes(':') ? user : `user:${(await find(api, USER, user)).id}`);
  return auditQuery(given({ ...plain, subject, actor }), clock.unixMs());
}

type Query = QueryOf<'get', '/audit'>;

/** The newest first. */
function events(api: ControlApi, query: Query, most: number = Number.POSITIVE_INFINITY) {
  return api.list('/audit', { params: { query } }, most);
}

function listed(found: readonly AuditItem[]): Printed {
  return { text: (reader) => tableText(found, reader), value: found };
}

function tableText(found: readonly AuditItem[], { columns, nowUnixMs, nameOf }: Reader): string {
  if (found.length === 0) return 'There is no such event in the audit.';
  const rows = found.map((event) => shortCells(event, nowUnixMs).map((cell) => withNames(cell, nameOf)));
  return formatTable(SHORT_HEADS, rows, columns);
}

/** Until it is interrupted. */
async function follow(api: ControlApi, filter: Filter, json: boolean): Promise<undefined> {
  const query = await queryOf(api, filter);
  let seen = new Set<string>();
  for (let since = clock.unixMs(); ; since = clock.unixMs() - LATE_MS) {
    const look = filter.since === undefined || seen.size > 0 ? { ...query, sinceUnixMs: Math.floor(since) } : query;
    const found = (await events(api, look)).toReversed();
    for (const event of found)
      if (!seen.has(event.id)) {
        if (json) sayJson(event);
        else say(shortCells(event, clock.unixMs()).map(printable).join('  '));
      }
    seen = new Set([...found.map(({ id }) => id)]);
    await sleep(POLL_MS);
  }
}
