import { asn } from './criteria/asn.ts';
import { country } from './criteria/country.ts';
import { ip } from './criteria/ip.ts';
import { user } from './criteria/user.ts';
import { newIndexes, type Test } from './criterion.ts';
import { compileEmails, faultInEmailPattern } from './email-pattern.ts';
import { type ProblemList, readObject, readTextList } from './problem.ts';
import { MaybeAfterSignIn, truthOf } from './truth.ts';

/** A list that an organisation keeps under a name, so that many rules can say it. */
export type NamedList =
  | { readonly kind: 'addresses'; readonly entries: readonly string[] }
  | { readonly kind: 'countries'; readonly entries: readonly string[] }
  | { readonly kind: 'asns'; readonly entries: readonly number[] }
  | { readonly kind: 'emails'; readonly entries: readonly string[] }
  | { readonly kind: 'users'; readonly entries: readonly string[] };

export const LIST_KINDS = ['addresses', 'countries', 'asns', 'emails', 'users'] as const satisfies NamedList['kind'][];

export type NamedLists = Readonly<Record<string, NamedList>>;

/** The lists of an organisation, ready to be asked; made once for all policies that use them. */
export type CompiledLists = ReadonlyMap<string, Test>;

export const NO_LISTS: CompiledLists = new Map();

export function compileLists(lists: NamedLists): CompiledLists {
  return new Map(Object.entries(lists).map(([name, list]) => [name, compileList(list)]));
}

/** Reads one list, or notes what is wrong with it. */
export function readNamedList(json: unknown, path: string, list: ProblemList): NamedList | undefined {
  const object = readObject(json, path, ['kind', 'entries'], list);
  if (!object) return undefined;
  const { kind, entries } = object;
  const at = `${path === '' ? '' : `${path}.`}entries`;
  switch (kind) {
    case 'addresses':
      return entriesOf(kind, ip.parse(entries, at, list));
    case 'countries':
      return entriesOf(kind, country.parse(entries, at, list));
    case 'asns':
      return entriesOf(kind, asn.parse(entries, at, list));
    case 'emails':
      return entriesOf(kind, readTextList(entries, at, list, faultInEmailPattern));
    case 'users':
      return entriesOf(kind, user.parse(entries, at, list));
    default:
      return list.note(`${path === '' ? '' : `${path}.`}kind`, `one of ${LIST_KINDS.join(', ')}`, kind);
  }
}

function entriesOf<Kind extends NamedList['kind']>(
  kind: Kind,
  entries: readonly (string | number)[] | undefined,
): NamedList | undefined {
  return entries && ({ kind, entries } as unknown as NamedList);
}

function compileList(list: NamedList): Test {
  switch (list.kind) {
    case 'addresses':
      return ip.compile(list.entries, newIndexes());
    case 'countries':
      return country.compile(list.entries, newIndexes());
    case 'asns':
      return asn.compile(list.entries, newIndexes());
    case 'users':
      return user.compile(list.entries, newIndexes());
    case 'emails': {
      const matches = compileEmails(list.entries);
      return (_context, subject) => (subject === undefined ? MaybeAfterSignIn : truthOf(matches(subject.email)));
    }
  }
}
