/** Alert rules, and a webhook whose receiver answers, and one whose receiver does not. */

import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EMAIL, type Make } from './lively.ts';

const LEAST_HOLD_MS = 30_000;

/** Takes every event; it ends with the program. */
async function startReceiver(): Promise<string> {
  const receiver: Server = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(204).end());
  });
  receiver.listen(0, '127.0.0.1').unref();
  await once(receiver, 'listening');
  return `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/events`;
}

export async function makeNotices(make: Make): Promise<void> {
  const events = ['site.offline', 'site.online', 'target.down', 'policy.changed', 'alert.raised', 'alert.recovered'];
  const url = await startReceiver();
  const operations = await make('POST', '/webhooks', { name: 'Operations channel', url, events, allowPrivate: true });
  const silent = await make('POST', '/webhooks', {
    ...{ name: 'Ticket system', url: 'http://127.0.0.1:9/', events: ['alert.raised'], allowPrivate: true },
  });
  for (const webhook of [operations, operations, silent]) await make('POST', `/webhooks/${webhook?.id}/test`);
  const tells = { holdMs: LEAST_HOLD_MS, emails: [EMAIL], webhookIds: [operations?.id] };
  await make('POST', '/alert-rules', { name: 'A site is gone', kind: 'site', ...tells });
  await make('POST', '/alert-rules', { name: 'An application is down', kind: 'target', ...tells });
  await make('POST', '/alert-rules', { name: 'Certificates', kind: 'certificate', ...tells, webhookIds: [] });
}
