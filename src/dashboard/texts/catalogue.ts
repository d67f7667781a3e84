/**
 * Every text of the console, by the page that shows it. What people read is changed in these files and nowhere else. A line
 * each: so a page loads its own and no others.
 */
export { APPLICATION_TEXTS as applications } from './applications.ts';
export { BLUEPRINT_TEXTS as blueprint } from './blueprint.ts';
export { CAPTURE_TEXTS as captures } from './captures.ts';
export { CREDENTIAL_TEXTS as credentials } from './credentials.ts';
export { CERTIFICATE_TEXTS as certificates, DOMAIN_TEXTS as domains } from './domains.ts';
export { FRAME_TEXTS as frame } from './frame.ts';
export { HTTP_TEXTS as http } from './http.ts';
export { NETWORK_TEXTS as network } from './network.ts';
export { NOTICE_TEXTS as notices } from './notices.ts';
export { OVERVIEW_TEXTS as overview } from './overview.ts';
export { PALETTE_TEXTS as palette } from './palette.ts';
export { PEOPLE_TEXTS as people } from './people.ts';
export { PERMISSION_TEXTS as permissions } from './permissions.ts';
export { POLICY_TEXTS as policies, SIMULATOR_TEXTS as simulator } from './policies.ts';
export { PROVIDER_TEXTS as providers } from './providers.ts';
export { REQUEST_TEXTS as requests } from './requests.ts';
export { SETTINGS_TEXTS as settings } from './settings.ts';
export { START_TEXTS as start } from './start.ts';
export { WATCH_TEXTS as watch } from './watch.ts';
