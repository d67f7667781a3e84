import type { Kysely } from 'kysely';
import { table } from './table.ts';

/** Webhooks and what is on its way to them, alert rules, and what is bad now. */
export async function addNotices(database: Kysely<unknown>): Promise<void> {
  await table(
    database,
    'webhooks',
    {
      ...{ id: 'id', organisation_id: 'text', name: 'text', url: 'text', secret: 'text', events: 'text' },
      ...{ enabled: 'int', allow_private: 'int', created_unix_ms: 'big' },
    },
    { references: { organisation_id: 'organisations' }, unique: [['organisation_id', 'name']] },
  );
  await table(
    database,
    'webhook_deliveries',
    {
      ...{ id: 'id', webhook_id: 'text', organisation_id: 'text', type: 'text', body: 'text', state: 'text' },
      ...{ tries: 'int', next_unix_ms: 'big', created_unix_ms: 'big', updated_unix_ms: 'big' },
      ...{ status: 'big?', error: 'text?' },
    },
    { references: { webhook_id: 'webhooks' }, index: ['webhook_id', 'next_unix_ms'] },
  );
  await table(
    database,
    'alert_rules',
    {
      ...{ id: 'id', organisation_id: 'text', name: 'text', kind: 'text', subject_id: 'text?', hold_ms: 'big' },
      ...{ emails: 'text', webhook_ids: 'text', enabled: 'int', created_unix_ms: 'big' },
    },
    { references: { organisation_id: 'organisations' }, unique: [['organisation_id', 'name']] },
  );
  await table(
    database,
    'raised_alerts',
    { id: 'id', rule_id: 'text', condition_id: 'text', raised_unix_ms: 'big' },
    { references: { rule_id: 'alert_rules' } },
  );
  await table(database, 'bad_conditions', {
    ...{ id: 'id', organisation_id: 'text?', kind: 'text', subject_id: 'text', name: 'text', reason: 'text' },
    ...{ since_unix_ms: 'big', told: 'int' },
  });
}
