/** What a node needs to enrol, from its settings. */
import { fromBase64Url } from '../../base/index.ts';
import { type JoinToken, parseJoinToken } from '../../core/link/index.ts';
import type { EnrolmentDoors } from '../../io/enrolment-client.ts';
import { readText } from '../../io/files.ts';
import { UsageFailure } from '../config/usage-failure.ts';

export interface EnrolmentSettings {
  readonly enrolUrl?: string | undefined;
  readonly enrolToken?: string | undefined;
  readonly enrolTokenFile?: string | undefined;
  readonly caFile?: string | undefined;
}

export interface Enrolment extends EnrolmentDoors {
  /** The one-time secret. */
  readonly token: string;
}

/** Undefined where the settings name no token: the node is enrolled already, or says that it is not. */
export async function enrolmentOf(settings: EnrolmentSettings): Promise<Enrolment | undefined> {
  const { enrolUrl, enrolToken, enrolTokenFile, caFile } = settings;
  const text = enrolToken ?? (enrolTokenFile && (await requireText('enrol-token-file', enrolTokenFile)));
  // A unit of systemd has a file whether there is a token or not.
  if (text === undefined || text.trim() === '') return undefined;
  const { secret, urls, caSha256, rootKey } = readJoinToken(text);
  const doors = enrolUrl === undefined ? urls : [enrolUrl];
  if (doors.length === 0) return undefined;
  const ca = caFile && (await requireText('ca-file', caFile));
  const fingerprint = caSha256 === undefined ? undefined : fromBase64Url(caSha256);
  return {
    urls: doors.map((url) => new URL(url)),
    token: secret,
    ...(ca && { ca }),
    ...(fingerprint && { caSha256: fingerprint }),
    ...(rootKey !== undefined && { rootKey }),
  };
}

/** A token, or what is in the file of this path: whoever lists processes, or reads a unit, sees no more than the path. */
export async function tokenOfWord(word: string): Promise<string> {
  return /^\.{0,2}\//.test(word) ? (await requireText('token', word)).trim() : word;
}

/** UsageFailure where the text is no token: most likely a part of it was not copied. */
export function readJoinToken(text: string): JoinToken {
  const token = parseJoinToken(text);
  if (token) return token;
  throw new UsageFailure(
    'setting-invalid',
    'the token is not one, or not all of one; copy it again, or make a new one',
  );
}

/** The text of a file that a flag names. */
export async function requireText(flag: string, path: string): Promise<string> {
  const text = await readText(path);
  if (text === undefined)
    throw new UsageFailure('setting-invalid', `--${flag} is "${path}"; expected a file that exists`);
  return text;
}
