import { requireText } from './enrolment.ts';

/** The password from its file, where there is one. */
export async function storePassword(settings: {
  readonly storePasswordFile?: string | undefined;
}): Promise<string | undefined> {
  const { storePasswordFile: file } = settings;
  return file === undefined ? undefined : (await requireText('store-password-file', file)).trim();
}
