/** Secrets that a document names by `{ env: NAME }` or `{ file: PATH }`: looked up here, where they are, and sent beside it. */
import { dirname, resolve } from 'node:path';
import { readText } from '../../io/files.ts';
import { readYaml } from '../../io/yaml-document.ts';

/** Deepest place that is looked into: no document nests more. */
const DEPTH_MAX = 40;

export async function secretsOf(
  text: string,
  path: string,
  variable: (name: string) => string | undefined,
): Promise<Record<string, string>> {
  const read = readYaml(text);
  const secrets: Record<string, string> = {};
  for (const reference of read.ok ? referencesIn(read.json, 0) : []) {
    const secret =
      'env' in reference ? variable(reference.env) : await readText(resolve(dirname(path), reference.file));
    const key = 'env' in reference ? `env:${reference.env}` : `file:${reference.file}`;
    // Editors end files with a new line, which is no part of a secret; of keys in PEM it does not matter.
    if (secret !== undefined && secret !== '') secrets[key] = secret.replace(/\r?\n$/, '');
  }
  return secrets;
}

type Reference = { readonly env: string } | { readonly file: string };

function* referencesIn(value: unknown, depth: number): Generator<Reference> {
  if (typeof value !== 'object' || value === null || depth > DEPTH_MAX) return;
  const { env, file } = value as { env?: unknown; file?: unknown };
  const isLone = !Array.isArray(value) && Object.keys(value).length === 1;
  if (isLone && typeof env === 'string') yield { env };
  else if (isLone && typeof file === 'string') yield { file };
  else for (const part of Object.values(value)) yield* referencesIn(part, depth + 1);
}
