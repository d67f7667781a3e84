/** Which control a command talks to: the one that is named, or the local network of this folder. */
import { join, resolve } from 'node:path';
import { readJson, readText } from '../../io/files.ts';
import { filePath, httpsUrl, switchValue, worded } from '../config/setting.ts';
import { UsageFailure } from '../config/usage-failure.ts';
import { type SettingsOf, text } from '../config/value.ts';
import { requireText } from '../programs/enrolment.ts';
import { Profiles } from '../sign-in/profiles.ts';
import { controlUrl, planNetwork } from '../up/plan.ts';
import { ControlApi, type Credentials } from './control-api.ts';

/** Settings that every command of the API understands. */
export const connectionShape = {
  url: worded(httpsUrl.optional(), {
    kind: 'value',
    hint: 'URL',
    expected: 'an https URL',
    description: 'Control node or portal (default: the local network, else where you are signed in)',
  }),
  profile: worded(text().optional(), {
    kind: 'value',
    hint: 'NAME',
    expected: 'the name of a profile',
    description: 'Where you are signed in, of several (manis profile list)',
  }),
  token: worded(text().optional(), {
    kind: 'value',
    hint: 'TOKEN',
    expected: 'an API token',
    description: 'API token; better in MANIS_TOKEN',
    isSecret: true,
  }),
  organisation: worded(text().optional(), {
    kind: 'value',
    hint: 'NAME',
    expected: 'the name or the id of an organisation',
    description: 'Organisation to act in (default: the first of yours)',
  }),
  ca: worded(filePath.optional(), {
    kind: 'value',
    hint: 'FILE',
    expected: 'a PEM file',
    description: 'Certificate authority to trust beside those of the system',
  }),
  dataDir: worded(filePath.default('.manis'), {
    kind: 'value',
    hint: 'DIR',
    expected: 'a folder',
    description: 'Folder of the local network (default .manis)',
  }),
  json: worded(switchValue.default(false), {
    kind: 'switch',
    expected: 'true or false',
    description: 'Print JSON',
  }),
};

export type Connection = SettingsOf<typeof connectionShape>;

/** Runs work against the API, and closes its connections whatever comes of it. @param prefersProfile to a local network. */
export async function withApi(
  connection: Connection,
  work: (api: ControlApi) => Promise<void>,
  prefersProfile: boolean = false,
): Promise<void> {
  const api = await openApi(connection, prefersProfile);
  try {
    if (connection.organisation !== undefined) await actIn(api, connection.organisation);
    await work(api);
  } finally {
    api.close();
  }
}

/** The control that is named, by URL or by profile; else the local network of this folder; else where somebody is signed in. */
async function openApi(connection: Connection, prefersProfile: boolean): Promise<ControlApi> {
  if (connection.url !== undefined) return namedApi(connection, connection.url);
  const local = connection.profile === undefined && !prefersProfile ? await localPlace(connection.dataDir) : undefined;
  if (local) return new ControlApi(local);
  const profile = await new Profiles().find(connection.profile);
  if (!profile) throw nowhere(connection);
  return new ControlApi({ ...profile, url: new URL(profile.url), profile: profile.name });
}

function nowhere({ dataDir }: Pick<Connection, 'dataDir'>): UsageFailure {
  const where = `${resolve(dataDir)} holds no local network, and nobody is signed in`;
  return new UsageFailure(
    'setting-invalid',
    `${where}: run "manis login URL", start one with "manis up", or give --url and --token`,
  );
}

/** Names are the caller's to choose, so control is told the id. */
async function actIn(api: ControlApi, word: string): Promise<void> {
  const { memberships } = await api.get('/me');
  const named = memberships.filter(({ organisationId, name }) => word === organisationId || word === name);
  const [only] = named;
  if (!only || named.length > 1) {
    const names = memberships.map(({ name }) => name).join(', ');
    const problem = only ? 'is the name of several' : 'is none of yours';
    throw new UsageFailure(
      'setting-invalid',
      `--organisation: ${JSON.stringify(word)} ${problem}; expected one of ${names}`,
    );
  }
  api.actIn(only.organisationId);
}

async function namedApi({ token: given, ca }: Connection, url: string): Promise<ControlApi> {
  const known = given === undefined ? await new Profiles().at(new URL(url).origin) : undefined;
  const token = given ?? known?.token;
  if (token === undefined) {
    const how = `expected an API token; or sign in with "manis login ${url}"`;
    throw new UsageFailure('setting-invalid', `--token (or MANIS_TOKEN) is missing; ${how}`);
  }
  const pem = ca ? await requireText('ca', ca) : known?.ca;
  return new ControlApi({ url: new URL(url), token, ...(pem && { ca: pem }) });
}

/** The local network of a folder, where there is one. */
export async function localPlace(dataDir: string): Promise<(Credentials & { readonly token: string }) | undefined> {
  const network = (await readJson(join(dataDir, 'network.json'))) as { portBase?: number } | undefined;
  const token = (await readText(join(dataDir, 'control', 'api-token')))?.trim();
  const ca = await readText(join(dataDir, 'control', 'ca.pem'));
  if (network?.portBase === undefined || !token || !ca) return undefined;
  return { url: new URL(controlUrl(planNetwork(network.portBase, false))), token, ca, isLocal: true };
}
