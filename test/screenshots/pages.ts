/** Which pages there are: those of the console as its router has them, those of the portal, and every problem. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROUTER = join(import.meta.dirname, '..', '..', 'src', 'dashboard', 'router.tsx');

/** The noun of the API whose first thing a page with `$id` shows, where the path does not say it. */
const NOUNS: Readonly<Record<string, string>> = {
  '/applications/$id': 'resources',
  '/policies/$id': 'resources',
  '/users/groups/$id': 'groups',
  '/users/roles/$id': 'roles',
};

export interface ConsolePage {
  /** As in the router: `/sites/$id`. */
  readonly path: string;
  /** Of the list of the API where a thing to show is looked for; undefined for pages of their own. */
  readonly noun: string | undefined;
}

/** Every page of the console. A page is not forgotten: it is where people find it, in the router. */
export function consolePages(): ConsolePage[] {
  const source = readFileSync(ROUTER, 'utf8');
  const paths = [...source.matchAll(/\bpath: '([^']+)'/g)].map(([, path = '']) => path);
  return paths.map((path) => ({ path, noun: path.includes('$') ? nounOf(path) : undefined }));
}

function nounOf(path: string): string {
  const known = NOUNS[path];
  if (known !== undefined) return known;
  const words = path.split('/').filter((word) => word !== '' && !word.startsWith('$'));
  return words.at(-1) ?? '';
}

/** A name for a file. */
export function fileNameOf(path: string): string {
  return path === '/' ? 'overview' : path.replaceAll('$', '').replace(/\W+/g, '-').replace(/^-|-$/g, '');
}

export interface Visit {
  readonly name: string;
  readonly url: string;
  readonly as: 'admin' | 'stranger';
  /** Typed into fields, by their selectors, and sent. */
  readonly fill?: Readonly<Record<string, string>>;
}

/** What is seen of the portal, and of applications, by whom. `{name}` is filled in by `lively.ts`. */
export const VISITS: readonly Visit[] = [
  { name: 'set-up', url: '{setUp}', as: 'stranger' },
  { name: 'sign-in', url: '{portal}/sign-in', as: 'stranger' },
  {
    ...{ name: 'sign-in-wrong', url: '{portal}/sign-in', as: 'stranger' },
    fill: { '#email': 'ann.becker@example.com', '#password': 'not this one' },
  },
  { name: 'reset', url: '{portal}/reset', as: 'stranger' },
  { name: 'reset-asked', url: '{portal}/reset', as: 'stranger', fill: { '#email': 'ann.becker@example.com' } },
  { name: 'invitation', url: '{invitation}', as: 'stranger' },
  { name: 'share-link', url: '{shareLink}', as: 'stranger' },
  { name: 'pin', url: '{pin}', as: 'stranger' },
  { name: 'host-unknown', url: '{hostUnknown}', as: 'stranger' },
  { name: 'access-only', url: '{accessOnly}', as: 'stranger' },
  { name: 'applications', url: '{portal}/', as: 'admin' },
  { name: 'applications-found', url: '{portal}/?q=re', as: 'admin' },
  { name: 'security', url: '{portal}/security', as: 'admin' },
  { name: 'providers', url: '{portal}/providers', as: 'admin' },
  { name: 'program', url: '{portal}/program', as: 'admin' },
  { name: 'sign-out', url: '{portal}/sign-out', as: 'admin' },
  { name: 'signed-out', url: '{portal}/signed-out', as: 'stranger' },
  { name: 'page-unknown', url: '{portal}/nowhere', as: 'admin' },
  { name: 'denied', url: '{denied}', as: 'admin' },
  { name: 'maintenance', url: '{maintenance}', as: 'admin' },
  { name: 'target-refused', url: '{targetDown}', as: 'admin' },
];
