/** Policies and lists speak of identity providers and users by id; documents by name and by e-mail address. */
import type { Json } from '../../core/blueprint/index.ts';
import type { NamedNoun, Names } from './names.ts';

const SPOKEN_OF: Readonly<Record<string, NamedNoun>> = {
  identityProvider: 'providers',
  user: 'users',
  users: 'users',
};

export function withNames(policy: Json, names: Names): Json {
  return translated(policy, (noun, id) => names.nameOf(noun, id));
}

/** A word that is no name stays as it is: it may be an id. */
export function withIds(policy: Json, names: Names): Json {
  return translated(policy, (noun, name) => names.find(noun, name) ?? name);
}

function translated(value: Json, word: (noun: NamedNoun, text: string) => string): Json {
  if (Array.isArray(value)) return value.map((item: Json) => translated(item, word));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) => {
      if (item === undefined) return [];
      const noun = SPOKEN_OF[key];
      const isListed = noun !== undefined && Array.isArray(item);
      return [[key, isListed ? wordsOf(item, noun, word) : translated(item, word)]];
    }),
  );
}

function wordsOf(items: readonly Json[], noun: NamedNoun, word: (noun: NamedNoun, text: string) => string): Json {
  return items.map((item) => (typeof item === 'string' ? word(noun, item) : item));
}
