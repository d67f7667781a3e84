/** Every text of the console, by the page that shows it. What people read is changed here and nowhere else. */
import { APPLICATION_TEXTS } from './applications.ts';
import { BLUEPRINT_TEXTS } from './blueprint.ts';
import { CREDENTIAL_TEXTS } from './credentials.ts';
import { CERTIFICATE_TEXTS, DOMAIN_TEXTS } from './domains.ts';
import { FRAME_TEXTS } from './frame.ts';
import { HTTP_TEXTS } from './http.ts';
import { NETWORK_TEXTS } from './network.ts';
import { NOTICE_TEXTS } from './notices.ts';
import { OVERVIEW_TEXTS } from './overview.ts';
import { PEOPLE_TEXTS } from './people.ts';
import { PERMISSION_TEXTS } from './permissions.ts';
import { POLICY_TEXTS, SIMULATOR_TEXTS } from './policies.ts';
import { PROVIDER_TEXTS } from './providers.ts';
import { SETTINGS_TEXTS } from './settings.ts';
import { START_TEXTS } from './start.ts';
import { WATCH_TEXTS } from './watch.ts';

export const TEXTS = {
  frame: FRAME_TEXTS,
  overview: OVERVIEW_TEXTS,
  applications: APPLICATION_TEXTS,
  network: NETWORK_TEXTS,
  people: PEOPLE_TEXTS,
  permissions: PERMISSION_TEXTS,
  providers: PROVIDER_TEXTS,
  credentials: CREDENTIAL_TEXTS,
  blueprint: BLUEPRINT_TEXTS,
  settings: SETTINGS_TEXTS,
  start: START_TEXTS,
  http: HTTP_TEXTS,
  domains: DOMAIN_TEXTS,
  certificates: CERTIFICATE_TEXTS,
  policies: POLICY_TEXTS,
  simulator: SIMULATOR_TEXTS,
  notices: NOTICE_TEXTS,
  watch: WATCH_TEXTS,
} as const;
