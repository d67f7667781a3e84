import { type AlertRulesTable, findOrganisation, findWebhook, type StoreTransaction } from '../../io/store/index.ts';
import { MAIL_NOTICE_LIFE_MS } from '../constants.ts';
import type { Control } from '../control.ts';
import { renderLetter } from '../mail/letter.ts';
import { alertLetter } from './alert-letter.ts';
import { send } from './emit.ts';
import type { Alert } from './notice-watch.ts';
import { membersAmong } from './recipients.ts';

/** Tells of an alert whom its rule names, in the transaction that notes that it was told. */
export async function tellAlert(
  control: Control,
  transaction: StoreTransaction,
  rule: AlertRulesTable,
  alert: Alert,
): Promise<void> {
  const { condition, state } = alert;
  const organisationId = rule.organisation_id;
  control.log.info(`alert ${state}`, { rule: rule.id, kind: condition.kind, subject: condition.subject_id });
  const data = {
    ...{ ruleId: rule.id, rule: rule.name, kind: condition.kind, id: condition.subject_id, name: condition.name },
    ...{ reason: condition.reason, sinceUnixMs: condition.since_unix_ms },
  };
  for (const webhookId of JSON.parse(rule.webhook_ids) as string[]) {
    const webhook = await findWebhook(transaction, organisationId, webhookId);
    if (webhook?.enabled === 1) await send(control, transaction, webhook, { type: `alert.${state}`, data });
  }
  const emails = JSON.parse(rule.emails) as string[];
  if (emails.length === 0) return;
  const organisation = await findOrganisation(transaction, organisationId);
  const port = control.publicPort === 443 ? '' : `:${control.publicPort}`;
  const consoleUrl = `https://${control.portalHost}${port}/console/`;
  const letter = renderLetter(alertLetter(organisation?.name ?? 'Manis', rule.name, alert, consoleUrl));
  // Who left the organisation hears no more of it.
  for (const to of await membersAmong(transaction, organisationId, emails))
    await control.mailer.add(transaction, {
      organisationId,
      purpose: 'notice',
      to,
      letter,
      livesMs: MAIL_NOTICE_LIFE_MS,
    });
}
