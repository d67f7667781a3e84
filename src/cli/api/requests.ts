/** `manis requests`: what was asked at the applications, and what became of it. */
import type { CommandDef } from 'citty';
import { group } from '../command.ts';
import type { Environment } from '../environment.ts';
import { RESOURCE } from './applications.ts';
import { apiCommand, find, given, type Item, listed, shown } from './noun.ts';
import { numberFlag, requiredWordFlag, textFlag } from './words.ts';

const COLUMNS = ['unixMs', 'method', 'host', 'path', 'status', 'outcome', 'reason', 'requestId'];
const LEVELS = ['all', 'refused', 'none'] as const;
const LIST_MAX = 200;
const KEPT_DAYS_MAX = 3_650;
const KEPT_BYTES_MAX = 1_000_000_000_000;

export function requestCommands(environment: Environment): CommandDef {
  return group('requests', 'What was asked at the applications, and what became of it', {
    list: apiCommand(environment, {
      name: 'list',
      description: 'List requests, the newest first',
      shape: {
        resource: textFlag('RESOURCE', 'At this resource alone'),
        status: textFlag('STATUS', 'With this status, such as 404 or 5xx'),
        outcome: textFlag('OUTCOME', 'allowed, denied, challenged or failed'),
        limit: numberFlag(1, LIST_MAX, `How many at most (default 50, at most ${LIST_MAX})`),
      },
      run: async (api, { resource, status, outcome, limit = 50 }) => {
        const resourceId = resource && (await find(api, RESOURCE, resource)).id;
        const query = new URLSearchParams(given({ resourceId, status, outcome, limit }) as Record<string, string>);
        const { items } = await api.get<{ items: Item[] }>(`/requests?${query}`);
        return listed({ columns: COLUMNS }, items);
      },
    }),
    show: apiCommand(environment, {
      name: 'show',
      description: 'Show a request: why it was decided so, how long each stage took, which way it went',
      positionals: ['request'],
      run: async (api, _settings, [word = '']) => shown(await api.get<Item>(`/requests/${encodeURIComponent(word)}`)),
    }),
    settings: apiCommand(environment, {
      name: 'settings',
      description: 'Show which requests are kept, and for how long',
      run: async (api) => shown(await api.get<Item>('/requests/settings')),
    }),
    set: apiCommand(environment, {
      name: 'set',
      description: 'Say which requests are kept, and for how long',
      shape: {
        level: requiredWordFlag(LEVELS, 'Which are kept'),
        days: numberFlag(1, KEPT_DAYS_MAX, 'For how many days (default: as before)'),
        bytes: numberFlag(1, KEPT_BYTES_MAX, 'In how many bytes at most (default: as before)'),
      },
      run: async (api, { level, days, bytes }) => {
        const before = await api.get<{ keptDays: number; keptBytes: number }>('/requests/settings');
        const body = { level, keptDays: days ?? before.keptDays, keptBytes: bytes ?? before.keptBytes };
        return shown(await api.put<Item>('/requests/settings', body));
      },
    }),
    'set-resource': apiCommand(environment, {
      name: 'set-resource',
      description: 'Say which requests of one resource are kept',
      positionals: ['resource'],
      shape: { level: requiredWordFlag([...LEVELS, 'inherited'], 'Which are kept') },
      run: async (api, { level }, [word = '']) => {
        const { id } = await find(api, RESOURCE, word);
        const body = { level: level === 'inherited' ? null : level };
        return shown(await api.put<Item>(`/requests/settings/resources/${id}`, body));
      },
    }),
  });
}
