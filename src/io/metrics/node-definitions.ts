import { counter, gauge, histogram } from './definition.ts';

/** What control nodes tell. */
export const CONTROL_METRICS = {
  manis_control_http_requests_total: counter('Requests to the API, the console and the doors of nodes.', {
    route: 'as OpenAPI names it; `none` where there is none',
    method: 'of HTTP',
    status: '`2xx`, `3xx`, `4xx` or `5xx`',
  }),
  manis_control_http_request_seconds: histogram('How long they took.'),
  manis_control_linked_pops: gauge('PoPs that are linked with this node.'),
  manis_control_published_epoch: gauge('Epoch of what is published.'),
  manis_control_published_revision: gauge('Revision of what is published, within its epoch.'),
  manis_control_store_reachable: gauge('1 where the store answered the last question, else 0.'),
  manis_control_records: gauge('What the installation has.', {
    noun: '`organisation`, `user`, `resource`, `site`, `pop` or `connector`',
  }),
  manis_control_certificates: gauge('Certificates by state.', {
    state: '`issued`, `ordering`, `failed`, `expiring` (within a week), `expired`',
  }),
  manis_control_webhook_deliveries: gauge(
    'Events for webhooks that are in the store; of those that are over the newest.',
    {
      state: '`waiting`, `delivered` or `dead`',
    },
  ),
  manis_control_captures_lost_total: counter('Captured requests of PoPs that found no room at this node.', {
    reason: '`rate` (of a PoP), `waiting` (for the store) or `store` (it did not take them)',
  }),
  manis_control_live_cut_total: counter('Live streams that were cut off as too much waited for who read them slowly.'),
  manis_control_alerts_raised: gauge('Alerts that were raised and have not recovered, over all rules.'),
  manis_control_certificate_earliest_expiry_timestamp_seconds: gauge(
    'When the first certificate ends, since the Unix epoch.',
  ),
} as const;

/** What connectors tell. */
export const CONNECTOR_METRICS = {
  manis_connector_streams: gauge('Streams to targets that are open.'),
  manis_connector_dials_total: counter('Connections to targets that PoPs asked for.', {
    outcome: '`accepted`, or why not, by name',
  }),
  manis_connector_targets: gauge('Targets that are checked, by what the checks say.', {
    state: '`healthy`, `unhealthy` or `unknown`',
  }),
  manis_connector_grant_epoch: gauge('Epoch of the grant in force.'),
  manis_connector_grant_revision: gauge('Revision of the grant in force, within its epoch.'),
} as const;
