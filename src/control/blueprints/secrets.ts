/** Secrets of a blueprint: said by reference, compared where they are known, and never shown. */
import { ANOTHER, type Asking, HIDDEN, type Stored } from './part.ts';
import type { SecretReference } from './secret-reference.ts';

/** What the field says: the secret that is there stays where nothing else was said or can be read. */
export async function secretField(
  reference: SecretReference | undefined,
  before: Stored | undefined,
  field: string,
  { secretOf }: Asking,
  isSame: (secret: string) => boolean | Promise<boolean>,
): Promise<string | null> {
  const had = before?.fields[field];
  const secret = reference && secretOf(reference);
  if (before === undefined) return reference ? HIDDEN : null;
  if (secret === undefined) return typeof had === 'string' ? had : reference ? ANOTHER : null;
  return typeof had === 'string' && (await isSame(secret)) ? HIDDEN : ANOTHER;
}

/** A variable that an exported document names for a secret. */
export function referenceFor(noun: string, name: string): SecretReference {
  const words = `${noun}_${name}`.replace(/([a-z])([A-Z])/g, '$1_$2').replace(/[^A-Za-z0-9]+/g, '_');
  return { env: words.toUpperCase().slice(0, 128) };
}
