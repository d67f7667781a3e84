/** What a node needs to enrol, from its settings. */
import { readText } from '../../io/files.ts';
import { UsageFailure } from '../config/usage-failure.ts';

export interface EnrolmentSettings {
  readonly enrolUrl?: string | undefined;
  readonly enrolToken?: string | undefined;
  readonly enrolTokenFile?: string | undefined;
  readonly caFile?: string | undefined;
}

export interface Enrolment {
  readonly url: URL;
  readonly token: string;
  readonly ca?: string;
}

/** Undefined where the settings name neither URL nor token: the node is enrolled already, or says that it is not. */
export async function enrolmentOf(settings: EnrolmentSettings): Promise<Enrolment | undefined> {
  const { enrolUrl, enrolToken, enrolTokenFile, caFile } = settings;
  const token = enrolToken ?? (enrolTokenFile && (await requireText('enrol-token-file', enrolTokenFile)).trim());
  if (enrolUrl === undefined || token === undefined) return undefined;
  const ca = caFile && (await requireText('ca-file', caFile));
  return { url: new URL(enrolUrl), token, ...(ca && { ca }) };
}

/** The text of a file that a flag names. */
export async function requireText(flag: string, path: string): Promise<string> {
  const text = await readText(path);
  if (text === undefined)
    throw new UsageFailure('setting-invalid', `--${flag} is "${path}"; expected a file that exists`);
  return text;
}
