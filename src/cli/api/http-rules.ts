/** `manis resource http`, `maintenance`: what a resource does with HTTP beyond passing it on. */

import type { CommandDef } from 'citty';
import { stringify } from 'yaml';
import type { AnswerOf } from '../../api/client.ts';
import { type HttpSettings, parseCustomPages, parseHttpSettings } from '../../core/http-rules/index.ts';
import { group, leaf } from '../command.ts';
import { UsageFailure } from '../config/usage-failure.ts';
import { settingsOf } from '../config/value.ts';
import type { Environment } from '../environment.ts';
import { requireText } from '../programs/enrolment.ts';
import { say } from '../terminal/output.ts';
import { RESOURCE } from './applications.ts';
import { at } from './control-api.ts';
import { judgedText } from './judged-file.ts';
import { apiCommand, find, given } from './noun.ts';
import type { Printed } from './printed.ts';
import { onFlag, textFlag } from './words.ts';

export function httpCommands(environment: Environment): CommandDef {
  return group('http', 'Routes, header rules, limits and the like of a resource', {
    show: apiCommand(environment, {
      name: 'show',
      description: 'Show what a resource does with HTTP, as YAML',
      positionals: ['resource'],
      run: async (api, _settings, [word = '']) => {
        const { id } = await find(api, RESOURCE, word);
        return settingsPrinted(await api.get('/resources/{id}/http', at({ id })));
      },
    }),
    apply: apiCommand(environment, {
      name: 'apply',
      description: 'Replace what a resource does with HTTP by what a file says',
      positionals: ['resource', 'file'],
      run: async (api, _settings, [word = '', file = '']) => {
        const settings = await readHttpFile(file);
        const { id } = await find(api, RESOURCE, word);
        return settingsPrinted(await api.put('/resources/{id}/http', { ...at({ id }), body: settings }));
      },
    }),
    check: leaf(environment, {
      name: 'check',
      description: 'Find what is wrong with such a file; needs no control',
      settings: settingsOf({}),
      positionals: ['file'],
      run: async (_settings, [file = '']) => {
        const { routes = [] } = await readHttpFile(file);
        say(`${file}: ${routes.length} ${routes.length === 1 ? 'route' : 'routes'}, nothing wrong`);
      },
    }),
  });
}

/** Of all resources that have none of their own. */
export function errorPageCommands(environment: Environment): CommandDef {
  return group('error-pages', "Pages in place of Manis's own, for resources that have none themselves", {
    show: apiCommand(environment, {
      name: 'show',
      description: 'Show them, as YAML',
      run: async (api) => pagesPrinted(await api.get('/organisation/error-pages')),
    }),
    apply: apiCommand(environment, {
      name: 'apply',
      description: 'Replace them by those of a file: a list of statuses and html',
      positionals: ['file'],
      run: async (api, _settings, [file = '']) => {
        const pages = judgedText(await requireText('file', file), file, {
          code: 'http-settings-invalid',
          whole: 'the pages',
          parse(json) {
            const parsed = parseCustomPages(json ?? []);
            return parsed.ok ? { pages: parsed.pages } : parsed.problems;
          },
        });
        return pagesPrinted(await api.put('/organisation/error-pages', { body: pages }));
      },
    }),
  });
}

function pagesPrinted({ pages }: AnswerOf<'get', '/organisation/error-pages'>): Printed {
  return { text: stringify(pages).trimEnd(), value: pages };
}

export function maintenanceCommand(environment: Environment): CommandDef {
  return apiCommand(environment, {
    name: 'maintenance',
    description: 'Show a page in place of an application, or the application again',
    positionals: ['resource'],
    shape: {
      on: onFlag('Show the page'),
      off: onFlag('Show the application'),
      message: textFlag('TEXT', 'What the page says (default: as it was)'),
    },
    run: async (api, { on, off, message }, [word = '']) => {
      if (on === off) throw new UsageFailure('setting-invalid', 'say either --on or --off');
      const { id } = await find(api, RESOURCE, word);
      const body = given({ on, message });
      const settings = await api.put('/resources/{id}/maintenance', { ...at({ id }), body });
      const isOn = settings.maintenance?.on === true;
      return { text: isOn ? 'The maintenance page is shown.' : 'The application is shown.', value: settings };
    },
  });
}

/** Failure `http-settings-invalid` that names file, line and what is expected there, for each mistake. */
async function readHttpFile(path: string): Promise<HttpSettings> {
  return httpSettingsFrom(await requireText('http', path), path);
}

export function httpSettingsFrom(text: string, path: string): HttpSettings {
  return judgedText(text, path, {
    code: 'http-settings-invalid',
    whole: 'the settings',
    parse(json) {
      const parsed = parseHttpSettings(json ?? {});
      return parsed.ok ? parsed.settings : parsed.problems;
    },
  });
}

function settingsPrinted(settings: object): Printed {
  return { text: stringify(settings).trimEnd(), value: settings };
}
