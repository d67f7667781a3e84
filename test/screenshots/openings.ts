/**
 * What is seen of the console's pages after a click: tabs, dialogs and opened forms. Nothing that is clicked here changes
 * anything but what is made for the purpose.
 */
import * as TEXTS from '../../src/dashboard/texts/catalogue.ts';

export interface Opening {
  /** Of a page, as in the router. */
  readonly path: string;
  readonly name: string;
  readonly search?: string;
  /** Names of buttons, in their order. */
  readonly click?: readonly (string | RegExp)[];
  /** Names of the thing to show, where the page is about one of many. */
  readonly of?: string;
  /** Components with dialogs that are seen by it, below `pages`. */
  readonly shows?: readonly string[];
}

const { applications, captures, certificates, credentials, domains, frame, network, notices } = TEXTS;
const { people, policies, providers, settings, blueprint } = TEXTS;

const tabs = (path: string, names: readonly string[], of?: string): Opening[] =>
  names.map((tab) => ({ path, name: tab, search: `?tab=${tab}`, ...(of !== undefined && { of }) }));

const APPLICATION: readonly Opening[] = [
  ...tabs('/applications/$id', ['targets', 'access', 'routing', 'headers', 'protocol', 'settings']),
  ...tabs('/applications/$id', ['ports'], 'Game server'),
  {
    path: '/applications/$id',
    name: 'add-target',
    click: [applications.addTarget],
    shows: ['applications/targets/target-form'],
  },
  {
    path: '/applications/$id',
    name: 'remove-target',
    click: [/^Remove http/],
    shows: ['applications/targets/target-list'],
  },
  { path: '/applications/$id', name: 'ways', click: [/ways to it|One way to it/] },
  {
    ...{ path: '/applications/$id', name: 'remove', search: '?tab=settings', click: [frame.remove] },
    shows: ['applications/settings-tab'],
  },
  {
    ...{ path: '/applications/$id', name: 'capture', search: '?tab=settings', click: [captures.turnOn] },
    shows: ['applications/capture-settings'],
  },
];

const ACCESS: readonly Opening[] = [
  { path: '/policies/$id', name: 'rule', click: [/^.*Edit Staff/] },
  { path: '/policies/$id', name: 'new-rule', click: [policies.addRule], shows: ['policies/policy-editor'] },
  { path: '/policies', name: 'add-list', click: [policies.addList], shows: ['policies/named-lists'] },
  { path: '/policies/$id', name: 'asked', click: [TEXTS.simulator.ask] },
  { path: '/credentials', name: 'add', click: [credentials.add], shows: ['credentials/new-credential'] },
  {
    ...{ path: '/credentials', name: 'revoke', click: [credentials.revoke] },
    shows: ['credentials/credentials', 'credentials/made-dialog'],
  },
  { path: '/providers/$id', name: 'remove', click: [frame.remove], shows: ['providers/provider'] },
  { path: '/providers/new', name: 'google', click: [new RegExp(providers.presets.google.hint)] },
];

const NAMES: readonly Opening[] = [
  { path: '/domains', name: 'add', click: [domains.add], shows: ['domains/domains'] },
  { path: '/domains/$id', name: 'remove', click: [domains.remove], shows: ['domains/domain'] },
  { path: '/domains/providers', name: 'add', click: [domains.addProvider], shows: ['domains/dns-provider-form'] },
  { path: '/domains/providers', name: 'test', click: [domains.test], shows: ['domains/dns-providers'] },
  { path: '/certificates/own', name: 'add', click: [certificates.addOwn], shows: ['certificates/own-certificates'] },
  { path: '/certificates/acme', name: 'set', click: [certificates.acmeSet], shows: ['certificates/acme'] },
];

const NETWORK: readonly Opening[] = [
  { path: '/sites', name: 'add', click: [network.addSite], shows: ['sites/sites'] },
  { path: '/sites/$id', name: 'empty', of: 'Warehouse' },
  { path: '/sites/$id', name: 'join', of: 'Warehouse', click: [network.makeToken], shows: ['sites/join'] },
  { path: '/sites/$id', name: 'add-device', of: 'Factory', click: [network.addDevice], shows: ['sites/devices'] },
  { path: '/sites/$id', name: 'rename', click: [network.rename], shows: ['sites/site'] },
  { path: '/sites/$id', name: 'drain', click: [network.drainConnector], shows: ['sites/connector'] },
  { path: '/pops', name: 'add', click: [network.addPop], shows: ['pops/add-pop'] },
  { path: '/pops/$id', name: 'drain', click: [network.drain], shows: ['pops/pop'] },
];

const PEOPLE: readonly Opening[] = [
  { path: '/users', name: 'invite', click: [people.invite], shows: ['people/users', 'people/invite'] },
  {
    path: '/users/$id',
    name: 'change',
    of: 'Ann Becker',
    click: [people.changeAccount],
    shows: ['people/user-account'],
  },
  { path: '/users/$id', name: 'disable', of: 'Ann Becker', click: [people.disable], shows: ['people/user'] },
  { path: '/users/$id', name: 'other', of: 'Ann Becker', shows: ['people/user-factors', 'people/user-sessions'] },
  { path: '/users/groups', name: 'add', click: [people.addGroup], shows: ['people/groups'] },
  { path: '/users/groups/$id', name: 'remove', click: [frame.remove], shows: ['people/group'] },
  { path: '/users/roles', name: 'add', click: [people.addRole], shows: ['people/roles'] },
  { path: '/users/roles/$id', name: 'remove', click: [frame.remove], shows: ['people/role'] },
  { path: '/users/invitations', name: 'revoke', click: [people.revoke], shows: ['people/invitations'] },
  { path: '/sessions', name: 'end', click: [people.end], shows: ['people/session-table'] },
];

const WATCH: readonly Opening[] = [
  { path: '/requests', name: 'live', search: '?view=live' },
  { path: '/requests', name: 'analytics', search: '?view=analytics' },
  { path: '/requests', name: 'none', search: '?path=nothing-is-here' },
  { path: '/requests/$id', name: 'captured', of: 'hooks' },
  { path: '/requests/$id', name: 'replay', of: 'hooks', click: [captures.edit], shows: ['requests/replay-dialog'] },
  { path: '/notices', name: 'add', click: [notices.addAlert], shows: ['notices/alerts', 'notices/alert-dialog'] },
  { path: '/notices/webhooks', name: 'add', click: [notices.addWebhook], shows: ['notices/webhook-dialog'] },
  { path: '/notices/webhooks/$id', name: 'remove', click: [frame.remove], shows: ['notices/webhook'] },
];

const SETTINGS: readonly Opening[] = [
  { path: '/settings/mail', name: 'remove', click: [settings.mailRemove], shows: ['settings/mail'] },
  { path: '/settings/keys', name: 'add', click: [settings.addKey], shows: ['settings/new-key'] },
  { path: '/settings/keys', name: 'revoke', click: [people.revoke], shows: ['settings/keys'] },
  { path: '/settings/authorities', name: 'add', click: [settings.addAuthority], shows: ['settings/authorities'] },
  {
    path: '/settings/installation',
    name: 'add',
    click: [settings.addOrganisation],
    shows: ['settings/installation', 'settings/usage'],
  },
  {
    path: '/blueprint',
    name: 'export',
    click: [blueprint.exportShow],
    shows: ['blueprint/owned-card', 'blueprint/apply-card'],
  },
];

export const OPENINGS: readonly Opening[] = [
  ...[...APPLICATION, ...ACCESS, ...NAMES, ...NETWORK, ...PEOPLE, ...WATCH, ...SETTINGS],
];
