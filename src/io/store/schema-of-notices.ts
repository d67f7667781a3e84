/** Where an organisation's events are sent. */
export interface WebhooksTable {
  id: string;
  organisation_id: string;
  name: string;
  url: string;
  /** Key of its signatures, sealed. */
  secret: string;
  /** JSON list of the types of events that it wants. */
  events: string;
  enabled: 0 | 1;
  /** It may be at a private address. */
  allow_private: 0 | 1;
  created_unix_ms: number;
}

/** One event on its way to one webhook. */
export interface WebhookDeliveriesTable {
  /** Sent along with every try, so that whoever gets it twice sees that. */
  id: string;
  webhook_id: string;
  organisation_id: string;
  type: string;
  /** As it is sent, JSON. */
  body: string;
  /** `dead`: it was tried as often as it is. */
  state: 'waiting' | 'delivered' | 'dead';
  tries: number;
  /** When it is tried next; a node that tries it puts this ahead, so no other node does. */
  next_unix_ms: number;
  created_unix_ms: number;
  updated_unix_ms: number;
  /** Of the last answer; null: there was none. */
  status: number | null;
  /** Why the last try failed; null: it did not, or there was none. */
  error: string | null;
}

/** Whom to tell when something of a kind is bad for a while. */
export interface AlertRulesTable {
  id: string;
  organisation_id: string;
  name: string;
  kind: 'site' | 'pop' | 'target' | 'certificate';
  /** Id of the one that it is about; null: all of its kind. */
  subject_id: string | null;
  /** How long it has to be bad. */
  hold_ms: number;
  /** JSON list of addresses of members. */
  emails: string;
  /** JSON list of ids. */
  webhook_ids: string;
  enabled: 0 | 1;
  created_unix_ms: number;
}

/** A rule that has told of a subject and has not told yet that it is well again. */
export interface RaisedAlertsTable {
  /** Of rule and condition, with a space between. */
  id: string;
  rule_id: string;
  condition_id: string;
  raised_unix_ms: number;
}

/** What is bad now, and since when. */
export interface BadConditionsTable {
  /** Kind, organisation or `-`, and subject, with spaces between. */
  id: string;
  organisation_id: string | null;
  kind: string;
  subject_id: string;
  /** For people. */
  name: string;
  reason: string;
  since_unix_ms: number;
  /** Whether events have told of it. */
  told: 0 | 1;
}

export interface NoticeTables {
  webhooks: WebhooksTable;
  webhook_deliveries: WebhookDeliveriesTable;
  alert_rules: AlertRulesTable;
  raised_alerts: RaisedAlertsTable;
  bad_conditions: BadConditionsTable;
}
