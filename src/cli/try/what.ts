/** What is published, read from a word of the command: a port, an address, a URL or a folder. */
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { UsageFailure } from '../config/usage-failure.ts';
import { isOfThisMachine } from '../up/provision.ts';

export type Published =
  | {
      readonly kind: 'server';
      /** Origin without a path. */
      readonly url: URL;
      /** Its certificate may be signed by nobody. */
      readonly isOwnMachine: boolean;
      readonly host: string | undefined;
    }
  | { readonly kind: 'folder'; readonly path: string; readonly host: string | undefined };

const FORMS = 'a port (3000), an address (localhost:3000), a URL (https://localhost:3000) or a folder (./dist)';

/** `shop=3000` names it. UsageFailure where it is nothing of these. */
export async function readPublished(word: string): Promise<Published> {
  const [, host, what = word] = /^([a-z0-9][a-z0-9.-]*)=(.+)$/i.exec(word) ?? [];
  const url = urlOf(what);
  if (url) return { kind: 'server', url, isOwnMachine: isOfThisMachine(url.hostname.replace(/^\[|\]$/g, '')), host };
  const path = resolve(what);
  if (await isFolder(path)) return { kind: 'folder', path, host };
  throw new UsageFailure('setting-invalid', `${JSON.stringify(word)} is neither ${FORMS.replace(' or ', ' nor ')}`);
}

/** How people are told of it. */
export function titleOf(published: Published): string {
  return published.kind === 'folder' ? published.path : published.url.origin;
}

function urlOf(what: string): URL | undefined {
  if (/^\d{1,5}$/.test(what))
    return Number(what) > 0 && Number(what) <= 65_535 ? new URL(`http://localhost:${what}`) : undefined;
  const text = /^https?:\/\//i.test(what) ? what : /^[^/\s]+:\d{1,5}\/?$/.test(what) ? `http://${what}` : undefined;
  const url = text === undefined ? null : URL.parse(text);
  if (!url) return undefined;
  if (url.pathname !== '/' || url.search !== '' || url.username !== '')
    throw new UsageFailure('setting-invalid', `${JSON.stringify(what)}: expected a URL without a path`);
  return url;
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}
