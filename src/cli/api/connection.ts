/** Which control a command talks to: the one that is named, or the local network of this folder. */
import { join, resolve } from 'node:path';
import { readJson, readText } from '../../io/files.ts';
import { filePath, httpsUrl, switchValue, worded } from '../config/setting.ts';
import { UsageFailure } from '../config/usage-failure.ts';
import { type SettingsOf, text } from '../config/value.ts';
import { requireText } from '../programs/enrolment.ts';
import { controlUrl, planNetwork } from '../up/plan.ts';
import { ControlApi } from './control-api.ts';

/** Settings that every command of the API understands. */
export const connectionShape = {
  url: worded(httpsUrl.optional(), {
    kind: 'value',
    hint: 'URL',
    expected: 'an https URL',
    description: 'Control node (default: the local network)',
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

/** Runs work against the API, and closes its connections whatever comes of it. */
export async function withApi(connection: Connection, work: (api: ControlApi) => Promise<void>): Promise<void> {
  const api = connection.url === undefined ? await localApi(connection) : await namedApi(connection, connection.url);
  try {
    if (connection.organisation !== undefined) await actIn(api, connection.organisation);
    await work(api);
  } finally {
    api.close();
  }
}

/** Names are the caller's to choose, so control is told the id. */
async function actIn(api: ControlApi, word: string): Promise<void> {
  const { memberships } = await api.get<{ memberships: { organisationId: string; name: string }[] }>('/me');
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

async function namedApi({ token, ca }: Connection, url: string): Promise<ControlApi> {
  if (token === undefined) {
    throw new UsageFailure('setting-invalid', '--token (or MANIS_TOKEN) is missing; expected an API token');
  }
  const pem = ca && (await requireText('ca', ca));
  return new ControlApi({ url: new URL(url), token, ...(pem && { ca: pem }) });
}

async function localApi({ dataDir }: Connection): Promise<ControlApi> {
  const network = (await readJson(join(dataDir, 'network.json'))) as { portBase?: number } | undefined;
  const token = (await readText(join(dataDir, 'control', 'api-token')))?.trim();
  const ca = await readText(join(dataDir, 'control', 'ca.pem'));
  if (network?.portBase === undefined || !token || !ca) {
    const where = `${resolve(dataDir)} holds no local network`;
    throw new UsageFailure('setting-invalid', `${where}: start one with "manis up", or give --url and --token`);
  }
  return new ControlApi({ url: new URL(controlUrl(planNetwork(network.portBase, false))), token, ca });
}
