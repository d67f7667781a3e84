/** Names in place of ids, for people: a list of connectors says `home`, not `sit_01j...`. */
import type { ControlApi } from './control-api.ts';

/** What an id that begins so is of, and by which field people know it. */
const NOUNS = {
  sit: ['/sites', 'name'],
  con: ['/connectors', 'name'],
  pop: ['/pops', 'name'],
  dev: ['/devices', 'name'],
  dom: ['/domains', 'name'],
  res: ['/resources', 'name'],
  usr: ['/users', 'email'],
  idp: ['/providers', 'name'],
  whk: ['/webhooks', 'name'],
  dns: ['/dns-providers', 'name'],
  crt: ['/own-certificates', 'name'],
  crd: ['/credentials', 'name'],
  grp: ['/groups', 'name'],
  tgt: ['/targets', 'url'],
  inv: ['/invitations', 'email'],
  tok: ['/api-tokens', 'name'],
  key: ['/keys', 'name'],
} as const;

const ID = new RegExp(`\\b(${Object.keys(NOUNS).join('|')})_[0-9a-z]{26}\\b`, 'g');
/** So many are asked for one by one; beyond that the list is read once. */
const SINGLY = 4;

export type NameOf = (id: string) => string;

/** Every id in a text by the name of what it is of; one that has none, or whose name nobody tells us, stays. */
export function withNames(text: string, nameOf: NameOf): string {
  return text.replace(ID, nameOf);
}

/** The names of what a value speaks of. What the things themselves have as `id` needs none. */
export async function namesIn(api: ControlApi, value: unknown): Promise<NameOf> {
  const text = JSON.stringify(value, (key, inner) => (key === 'id' ? undefined : inner)) ?? '';
  const ids = [...new Set(text.match(ID))];
  const names = new Map<string, string>();
  await Promise.all(
    (Object.keys(NOUNS) as (keyof typeof NOUNS)[]).map(async (prefix) => {
      const own = ids.filter((id) => id.startsWith(`${prefix}_`));
      for (const [id, name] of await namesOf(api, prefix, own)) names.set(id, name);
    }),
  );
  return (id) => names.get(id) ?? id;
}

/** What nobody may see, or is gone, is left out. */
async function namesOf(
  api: ControlApi,
  prefix: keyof typeof NOUNS,
  ids: readonly string[],
): Promise<readonly (readonly [id: string, name: string])[]> {
  if (ids.length === 0) return [];
  const [path, field] = NOUNS[prefix];
  const get = api.get as unknown as (path: string, question: object) => Promise<object>;
  const one = (id: string) => get(`${path}/{id}`, { params: { path: { id } } }).catch(() => undefined);
  const single = ids.length <= SINGLY ? (await Promise.all(ids.map(one))).filter((item) => item !== undefined) : [];
  // Some nouns have a list alone.
  const items = single.length > 0 ? single : await (api.list(path) as Promise<readonly object[]>).catch(() => []);
  return items.map((item) => [String(Reflect.get(item, 'id')), String(Reflect.get(item, field))] as const);
}
