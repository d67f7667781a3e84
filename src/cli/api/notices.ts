/** `manis webhook` and `manis alert`: who is told of what happens. */

import type { CommandDef } from 'citty';
import type { BodyOf } from '../../api/client.ts';
import { group } from '../command.ts';
import type { Environment } from '../environment.ts';
import { at } from './control-api.ts';
import { apiCommand, commonCommands, find, given, type Noun } from './noun.ts';
import { listed, shown } from './printed.ts';
import { listFlag, numberFlag, requiredFlag, requiredWordFlag, textFlag, truthFlag } from './words.ts';

const WEBHOOK: Noun<'/webhooks'> = {
  name: 'webhook',
  path: '/webhooks',
  columns: ['id', 'name', 'url', 'events', 'enabled'],
  names: ['name'],
};

const ALERT: Noun<'/alert-rules'> = {
  name: 'alert',
  title: 'alert rule',
  path: '/alert-rules',
  columns: ['id', 'name', 'kind', 'subjectId', 'emails', 'webhookIds', 'enabled'],
  names: ['name'],
};

type EventType = BodyOf<'post', '/webhooks'>['events'][number];

const KINDS = ['site', 'pop', 'target', 'certificate'] as const;

export function webhookCommands(environment: Environment): CommandDef {
  return group('webhook', 'Where events are sent', {
    ...commonCommands(environment, WEBHOOK),
    add: apiCommand(environment, {
      name: 'add',
      description: 'Add a webhook; prints the secret of its signatures, this once',
      positionals: ['name'],
      shape: {
        to: requiredFlag('URL', 'Where events are sent'),
        events: listFlag<EventType>('TYPE', 'Events that it gets, such as site.offline,site.online'),
        allowPrivate: truthFlag('Whether it may be at a private address'),
      },
      run: async (api, { to: url, events, allowPrivate }, [name = '']) =>
        shown(await api.post('/webhooks', { body: given({ name, url, events: events ?? [], allowPrivate }) })),
    }),
    update: apiCommand(environment, {
      name: 'update',
      description: 'Change a webhook',
      positionals: ['webhook'],
      shape: {
        name: textFlag('NAME', 'Its new name'),
        to: textFlag('URL', 'Where events are sent'),
        events: listFlag<EventType>('TYPE', 'Events that it gets'),
        enabled: truthFlag('Whether anything is sent'),
        allowPrivate: truthFlag('Whether it may be at a private address'),
      },
      run: async (api, { name, to: url, events, enabled, allowPrivate }, [word = '']) => {
        const { id } = await find(api, WEBHOOK, word);
        return shown(
          await api.patch('/webhooks/{id}', {
            ...at({ id }),
            body: given({ name, url, events, enabled, allowPrivate }),
          }),
        );
      },
    }),
    ...sendingCommands(environment),
  });
}

/** What is done with a webhook beyond saying what it is. */
function sendingCommands(environment: Environment): Record<string, CommandDef> {
  return {
    rotate: apiCommand(environment, {
      name: 'rotate',
      description: 'Give a webhook another secret, and print it, this once',
      positionals: ['webhook'],
      run: async (api, _settings, [word = '']) => {
        const { id } = await find(api, WEBHOOK, word);
        const { secret } = await api.post('/webhooks/{id}/secret', at({ id }));
        return { text: secret, value: { id, secret } };
      },
    }),
    test: apiCommand(environment, {
      name: 'test',
      description: 'Send a test event',
      positionals: ['webhook'],
      run: async (api, _settings, [word = '']) => {
        const { id, name } = await find(api, WEBHOOK, word);
        const sent = await api.post('/webhooks/{id}/test', at({ id }));
        return { text: `Sent ${sent.deliveryId}; see manis webhook deliveries ${name}`, value: sent };
      },
    }),
    deliveries: apiCommand(environment, {
      name: 'deliveries',
      description: 'List what was sent to a webhook and what waits for it',
      positionals: ['webhook'],
      run: async (api, _settings, [word = '']) => {
        const { id } = await find(api, WEBHOOK, word);
        const columns = ['id', 'type', 'state', 'tries', 'status', 'error', 'createdUnixMs', 'nextUnixMs'] as const;
        return listed({ columns }, await api.list('/webhooks/{id}/deliveries', at({ id })));
      },
    }),
    retry: apiCommand(environment, {
      name: 'retry',
      description: 'Send an event once more',
      positionals: ['webhook', 'delivery'],
      run: async (api, _settings, [word = '', delivery = '']) => {
        const { id } = await find(api, WEBHOOK, word);
        return shown(await api.post('/webhooks/{id}/deliveries/{deliveryId}/retry', at({ id, deliveryId: delivery })));
      },
    }),
  };
}

const ruleShape = {
  subject: textFlag('ID', 'The one that it is about; left out: every one of its kind'),
  holdSeconds: numberFlag(10, 86_400, 'How long it has to be bad before anybody is told (default 120)'),
  email: listFlag('ADDRESS', 'Members who get a mail'),
  webhook: listFlag('WEBHOOK', 'Webhooks that are told'),
};

export function alertCommands(environment: Environment): CommandDef {
  return group('alert', 'Rules about who is told when something is bad for a while', {
    ...commonCommands(environment, ALERT),
    add: apiCommand(environment, {
      name: 'add',
      description: 'Add an alert rule',
      positionals: ['name'],
      shape: { kind: requiredWordFlag(KINDS, 'What it is about'), ...ruleShape },
      run: async (api, { kind, subject, holdSeconds, email, webhook }, [name = '']) => {
        const webhookIds =
          webhook && (await Promise.all(webhook.map(async (word) => (await find(api, WEBHOOK, word)).id)));
        const holdMs = holdSeconds === undefined ? undefined : holdSeconds * 1_000;
        const body = given({ name, kind, subjectId: subject, holdMs, emails: email, webhookIds });
        return shown(await api.post('/alert-rules', { body }));
      },
    }),
    update: apiCommand(environment, {
      name: 'update',
      description: 'Change an alert rule',
      positionals: ['alert'],
      shape: { name: textFlag('NAME', 'Its new name'), enabled: truthFlag('Whether it tells'), ...ruleShape },
      run: async (api, { name, enabled, subject, holdSeconds, email, webhook }, [word = '']) => {
        const { id } = await find(api, ALERT, word);
        const webhookIds =
          webhook && (await Promise.all(webhook.map(async (hook) => (await find(api, WEBHOOK, hook)).id)));
        const holdMs = holdSeconds === undefined ? undefined : holdSeconds * 1_000;
        const body = given({ name, enabled, subjectId: subject, holdMs, emails: email, webhookIds });
        return shown(await api.patch('/alert-rules/{id}', { ...at({ id }), body }));
      },
    }),
  });
}
