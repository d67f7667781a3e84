/** The settings of each program. */

import { DEFAULT_TUNNELS } from '../../connector/constants.ts';
import { NEVER_PROXIED } from '../environment.ts';
import { acmeSettings } from './acme-settings.ts';
import { clientSettings } from './client-settings.ts';
import { metricsAt } from './observation-settings.ts';
import { publishingSettings } from './publishing-settings.ts';
import {
  ADDRESS_AND_PORT,
  email,
  filePair,
  filePath,
  httpsUrl,
  httpUrl,
  ipAddressText,
  listenEndpoint,
  listOf,
  logLevel,
  portRange,
  type SettingWords,
  switchValue,
  wholeNumber,
  worded,
} from './setting.ts';
import { tracingSettings } from './tracing-settings.ts';
import { oneOf, type SettingsOf, settingsOf, text } from './value.ts';

/** Ports of the local network lie side by side from `portBase` on: 7 of them. */
export const HIGHEST_PORT_BASE = 65_535 - 6;

const value = (hint: string, expected: string, description: string): SettingWords => ({
  kind: 'value',
  hint,
  expected,
  description,
});
const list = (hint: string, expected: string, description: string): SettingWords => ({
  ...value(hint, expected, description),
  kind: 'list',
});
const secret = (hint: string, expected: string, description: string): SettingWords => ({
  ...value(hint, expected, description),
  isSecret: true,
});

const dataDirWords = value('DIR', 'a folder that can be written', 'Folder for keys, state and logs');
const logLevelSetting = worded(
  logLevel.default('info'),
  value('LEVEL', 'debug, info, warn, error or silent', 'How much is logged (default info)'),
);
const enrolToken = worded(
  text().optional(),
  secret('TOKEN', 'a one-time token', 'One-time token, needed at the first start'),
);
const enrolTokenFile = worded(
  filePath.optional(),
  value('FILE', 'a file that holds a one-time token', 'The same in a file, where arguments can be seen by others'),
);
const mtu = worded(
  wholeNumber(1_280, 65_000).default(1_420),
  value('BYTES', 'a whole number from 1280 to 65000', 'Largest packet inside a tunnel (default 1420)'),
);
export const caFile = worded(
  filePath.optional(),
  value('FILE', 'a PEM file', 'Certificate authority to trust beside those of the system'),
);
/** How a node gets out where it may not do so directly. */
export const proxySettings = {
  proxy: worded(
    httpUrl.optional(),
    secret('URL', 'an http or https URL', 'Proxy for TLS connections (default HTTPS_PROXY), credentials included'),
  ),
  noProxy: worded(
    listOf(text()).default([...NEVER_PROXIED]),
    list('HOST', 'hosts, domains or prefixes', 'What is reached without the proxy (default NO_PROXY and this machine)'),
  ),
};
const SECONDS = 'a whole number from 0 to 86400';
const streamSeconds = worded(
  wholeNumber(0, 86_400).default(30),
  value('N', SECONDS, 'At a stop: time for open streams to end before they are cut (default 30)'),
);
/** @param usual at least twice the lifetime of a DNS answer, so that nobody is led here any more. */
const drainSeconds = (usual: number) =>
  worded(
    wholeNumber(0, 86_400).default(usual),
    value('N', SECONDS, `At a stop: time from saying so to taking nobody any more (default ${usual})`),
  );

export const upSettings = settingsOf({
  app: worded(
    httpUrl.optional(),
    value('URL', 'a URL such as http://localhost:3000', 'Publish this application instead of the demo'),
  ),
  json: worded(switchValue.default(false), {
    kind: 'switch',
    expected: 'true or false',
    description: 'Print one JSON object a line',
  }),
  dataDir: worded(filePath.default('.manis'), dataDirWords),
  portBase: worded(
    wholeNumber(1, HIGHEST_PORT_BASE).optional(),
    value('N', `a whole number from 1 to ${HIGHEST_PORT_BASE}`, 'First of seven ports side by side (default 8443)'),
  ),
  adminEmail: worded(
    email.default('admin@manis.localhost'),
    value('EMAIL', 'an email address', 'Who the first administrator is'),
  ),
  adminPasswordFile: worded(
    filePath.optional(),
    value(
      'FILE',
      'a file that holds the password',
      'Create the first administrator with this password, without the link',
    ),
  ),
  logLevel: logLevelSetting,
});

export const storeUrl = worded(
  text({ pattern: /^postgres(ql)?:\/\// }).optional(),
  secret(
    'URL',
    'a URL such as postgres://user@host/database',
    'PostgreSQL that several control nodes share (default: a store embedded in the data folder)',
  ),
);
export const storePasswordFile = worded(
  filePath.optional(),
  value(
    'FILE',
    'a file that holds the password',
    'Password for the store (default: of the URL, PGPASSWORD or ~/.pgpass)',
  ),
);

export const controlSettings = settingsOf({
  dataDir: worded(filePath, dataDirWords),
  listen: worded(listenEndpoint, value('ADDRESS', ADDRESS_AND_PORT, 'Where the API and the links are served')),
  url: worded(
    httpsUrl.optional(),
    value('URL', 'an https URL', 'How nodes reach this control node (default: where it listens)'),
  ),
  store: storeUrl,
  storePasswordFile,
  portalHost: worded(
    text({ pattern: /^(?=.{1,253}$)[a-z0-9-]+(\.[a-z0-9-]+)+$/ }),
    value('HOST', 'a host name such as manis.example.com', 'Host of the portal and the dashboard'),
  ),
  publicPort: worded(
    wholeNumber(1, 65_535).default(443),
    value('PORT', 'a whole number from 1 to 65535', 'Port that browsers use (default 443)'),
  ),
  dnsZone: worded(
    text({ pattern: /^(?=.{1,253}$)[a-z0-9-]+(\.[a-z0-9-]+)+$/ }).optional(),
    value('ZONE', 'a domain name such as apps.example.com', 'At the first start: zone that is delegated to the PoPs'),
  ),
  ...acmeSettings,
  ...proxySettings,
  adminEmail: worded(
    email.default('admin@manis.localhost'),
    value('EMAIL', 'an email address', 'Who the first administrator is'),
  ),
  adminPasswordFile: worded(
    filePath.optional(),
    value('FILE', 'a file that holds the password', 'Create the first administrator with this password'),
  ),
  metrics: metricsAt('control'),
  logLevel: logLevelSetting,
});

export const popSettings = settingsOf({
  dataDir: worded(filePath, dataDirWords),
  enrolUrl: worded(
    httpsUrl.optional(),
    value('URL', 'an https URL', 'Control node to enrol with, needed at the first start'),
  ),
  enrolToken,
  enrolTokenFile,
  caFile,
  https: worded(listOf(listenEndpoint), list('ADDRESS', ADDRESS_AND_PORT, 'Where browsers connect')),
  http: worded(
    listenEndpoint.optional(),
    value('ADDRESS', ADDRESS_AND_PORT, 'Where plain HTTP is answered with a redirect'),
  ),
  mtu,
  drainSeconds: drainSeconds(45),
  streamSeconds,
  udp: worded(listenEndpoint, value('ADDRESS', ADDRESS_AND_PORT, 'Where WireGuard is spoken')),
  dns: worded(
    listOf(listenEndpoint).optional(),
    list('ADDRESS', ADDRESS_AND_PORT, 'Where DNS is answered for the zone of the organisation (default: nowhere)'),
  ),
  streamHosts: worded(
    listOf(ipAddressText).optional(),
    list('ADDRESS', 'IP addresses', 'Where TCP and UDP resources are listened for (default: where browsers connect)'),
  ),
  streamPorts: worded(
    listOf(portRange).optional(),
    list('PORT|FIRST-LAST', 'ports such as 5432 or 1024-65535', 'Ports that resources may have (default 1024-65535)'),
  ),
  certificateFiles: worded(
    listOf(filePair).optional(),
    list('CHAIN:KEY', 'two files with a colon between them', 'Certificates of its own, read again when they change'),
  ),
  geoDatabase: worded(
    filePath.optional(),
    value('FILE', 'a MaxMind DB', 'Where clients are, for DNS and policies (default: a table of countries)'),
  ),
  asnDatabase: worded(
    filePath.optional(),
    value('FILE', 'a MaxMind DB', 'Whose networks clients come from, for policies (default: a table of all)'),
  ),
  capacity: worded(
    wholeNumber(1, 1_000_000).optional(),
    value('N', 'a whole number from 1', 'Connections of clients that it is built for; nearing it, DNS leads to others'),
  ),
  ...clientSettings,
  announceHttps: worded(
    listOf(text()).optional(),
    list('HOST:PORT', 'a host and port', 'How browsers reach it from outside, where that differs'),
  ),
  announceUdp: worded(
    listOf(text()).optional(),
    list('HOST:PORT', 'a host and port', 'How connectors reach it from outside, where that differs'),
  ),
  metrics: metricsAt('pop'),
  ...tracingSettings,
  logLevel: logLevelSetting,
});

export const connectorSettings = settingsOf({
  dataDir: worded(filePath, dataDirWords),
  enrolUrl: worded(
    httpsUrl.optional(),
    value('URL', 'an https URL', 'Control node, or portal of any PoP, to enrol with, needed at the first start'),
  ),
  enrolToken,
  enrolTokenFile,
  caFile,
  ...proxySettings,
  name: worded(
    text({ most: 100 }).optional(),
    value('NAME', '1 to 100 characters', "Name of this connector in the dashboard (default: the machine's)"),
  ),
  udp: worded(
    listenEndpoint.default({ host: '0.0.0.0', port: 0 }),
    value('ADDRESS', ADDRESS_AND_PORT, 'Where WireGuard is sent from (default 0.0.0.0:0)'),
  ),
  tunnels: worded(
    oneOf(['all']).or(wholeNumber(1, 16)).default(DEFAULT_TUNNELS),
    value(
      'N',
      'a whole number from 1 to 16, or "all"',
      `PoPs to keep a tunnel to at once (default ${DEFAULT_TUNNELS})`,
    ),
  ),
  ...publishingSettings,
  unixSockets: worded(
    filePath.optional(),
    value('DIR', 'a folder', 'Folder whose unix sockets may be targets (default: any socket of this machine)'),
  ),
  drills: worded(switchValue.default(false), {
    kind: 'switch',
    expected: 'true or false',
    description: 'Let "manis drill" cut tunnels of this connector; for the local network',
  }),
  mtu,
  streamSeconds,
  metrics: metricsAt('connector'),
  logLevel: logLevelSetting,
});

export const demoSettings = settingsOf({
  listen: worded(listOf(listenEndpoint), list('ADDRESS', ADDRESS_AND_PORT, 'Where it listens')),
});

export type UpSettings = SettingsOf<(typeof upSettings)['shape']>;
export type ControlSettings = SettingsOf<(typeof controlSettings)['shape']>;
export type PopSettings = SettingsOf<(typeof popSettings)['shape']>;
export type ConnectorSettings = SettingsOf<(typeof connectorSettings)['shape']>;
export type DemoSettings = SettingsOf<(typeof demoSettings)['shape']>;
